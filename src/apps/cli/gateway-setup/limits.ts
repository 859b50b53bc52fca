import type { Command } from 'commander';
import { LIMIT_NAMES, LIMIT_TITLES, type LimitName, type Limits } from '#src/features/gateway-tenants/model.ts';
import { AppError } from '#src/kernel/errors.ts';

const OPTIONS: Record<LimitName, { flag: string; key: string; words: string }> = {
  requestsPerMinute: { flag: '--requests-per-minute', key: 'requestsPerMinute', words: 'requests a minute' },
  tokensPerMinute: { flag: '--tokens-per-minute', key: 'tokensPerMinute', words: 'tokens a minute' },
  tokensPerDay: { flag: '--tokens-per-day', key: 'tokensPerDay', words: 'tokens a day' },
  spendMicroUsdPerDay: { flag: '--usd-per-day', key: 'usdPerDay', words: 'US dollars a day' },
  concurrent: { flag: '--concurrent', key: 'concurrent', words: 'calls at once' },
};

export type LimitOptions = Partial<Record<string, string>>;

export function limitOptions(command: Command): Command {
  for (const name of LIMIT_NAMES)
    command.option(`${OPTIONS[name].flag} <number>`, `most ${OPTIONS[name].words}, or none`);
  return command;
}

/** The limits after what the options say; undefined when they say nothing. */
export function readLimits(options: LimitOptions, before: Limits): Limits | undefined {
  const limits = { ...before };
  let said = false;
  for (const name of LIMIT_NAMES) {
    const { flag, key } = OPTIONS[name];
    const text = options[key];
    if (text === undefined) continue;
    said = true;
    limits[name] = text === 'none' ? null : amount(flag, text, LIMIT_TITLES[name].factor);
  }
  return said ? limits : undefined;
}

function amount(flag: string, text: string, factor: number): number {
  const value = Number(text) * factor;
  if (!/^\d{1,12}(\.\d{1,6})?$/.test(text) || !Number.isInteger(Math.round(value)) || value <= 0)
    throw new AppError('invalid_input', `${flag}: "${text}" is not a number above 0, and not none.`);
  return Math.round(value);
}

/** `120 requests/min, 5 USD/day`; `none` where there is no limit at all. */
export function limitsText(limits: Limits): string {
  const said = LIMIT_NAMES.flatMap((name) => {
    const value = limits[name];
    const { unit, factor } = LIMIT_TITLES[name];
    return value === null ? [] : [`${(value / factor).toLocaleString('en-US')} ${unit}`];
  });
  return said.length === 0 ? 'NONE' : said.join(', ');
}
