import { NumberInput } from '@mantine/core';
import { FormRow } from '#src/ui/form.tsx';
import { LIMIT_NAMES, LIMIT_TITLES, type Limits } from '../model.ts';

/** One field for each limit; an empty one is no limit. */
export function LimitFields({
  limits,
  wrong,
  onChange,
}: {
  limits: Limits;
  wrong?: (field: string) => string | undefined;
  onChange: (limits: Limits) => void;
}) {
  return (
    <FormRow>
      {LIMIT_NAMES.map((name) => {
        const { title, factor } = LIMIT_TITLES[name];
        const value = limits[name];
        return (
          <NumberInput
            key={name}
            label={title}
            placeholder="No limit"
            min={factor === 1 ? 1 : 0.000_001}
            max={1_000_000_000}
            allowDecimal={factor !== 1}
            decimalScale={6}
            thousandSeparator=","
            hideControls
            value={value === null ? '' : value / factor}
            error={wrong?.(`limits.${name}`)}
            onChange={(next) =>
              onChange({ ...limits, [name]: typeof next === 'number' ? Math.round(next * factor) : null })
            }
          />
        );
      })}
    </FormRow>
  );
}

/** `120 requests/min, 50 USD/day`. */
export function limitsInWords(limits: Limits): string {
  const said = LIMIT_NAMES.flatMap((name) => {
    const value = limits[name];
    const { unit, factor } = LIMIT_TITLES[name];
    return value === null ? [] : [`${(value / factor).toLocaleString('en-US')} ${unit}`];
  });
  return said.join(', ') || 'no limit';
}
