import { expect, it } from 'vitest';
import { readTraceparent, traceparent } from './traceparent.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

it('goes on with the trace of the caller', () => {
  const trace = readTraceparent(`00-${TRACE}-${SPAN}-00`);
  expect(trace).toMatchObject({ traceId: TRACE, parentSpanId: SPAN, flags: '00' });
  expect(trace.spanId).toMatch(/^[0-9a-f]{16}$/);
  expect(trace.spanId).not.toBe(SPAN);
  expect(traceparent(trace, 'b7ad6b7169203331')).toBe(`00-${TRACE}-b7ad6b7169203331-00`);
  expect(readTraceparent(`01-${TRACE}-${SPAN}-01-later`).traceId).toBe(TRACE);
});

it.each([
  undefined,
  '',
  `ff-${TRACE}-${SPAN}-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01-more`,
  `00-${TRACE}-${SPAN}-01\r\nx: y`,
  `01-${TRACE}-${SPAN}-01-${'x'.repeat(10_000)}`,
])('begins a trace of its own for %j', (header) => {
  const [one, other] = [readTraceparent(header), readTraceparent(header)];
  expect(one).toMatchObject({ parentSpanId: null, flags: '01' });
  expect(one.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(one.traceId).not.toBe(other.traceId);
});
