import { formatCount, type JsonSeed, type Problem, parseSeed, seedToJson } from '@modelops/contracts';
import * as z from 'zod';
import { type DesignParameter, isVarying } from '../space/parameter-space.ts';

/** The option `--seed`, as text because a double cannot hold every seed. */
export const seedOption = z.string().default('0').describe('Seed of the design, 0 to 2^64−1').meta({ placeholder: 'N' });

export function nSamplesOption(help: string) {
  return z
    .number()
    .describe(help)
    .meta({ aliases: ['n'] });
}

/** Reads a seed in the form of a study. Adds a problem and returns 0 if it is invalid. */
export function readSeed(text: string, problems: Problem[]): JsonSeed {
  try {
    return seedToJson(parseSeed(text));
  } catch {
    problems.push({ path: '--seed', message: `invalid seed "${text}": expected a whole number from 0 to 2^64−1` });
    return 0;
  }
}

/** Adds a problem unless `value` is a whole number from `low` to `high`. */
export function checkWhole(path: string, value: number, low: number, high: number, problems: Problem[]): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  problems.push({ path, message: `${value} is not a whole number from ${low} to ${formatCount(high)}` });
}

/** Adds a problem if no parameter varies. */
export function checkVaries(parameters: readonly DesignParameter[], problems: Problem[]): void {
  if (!parameters.some(isVarying))
    problems.push({ path: 'MODEL', message: 'no parameter varies; use cb sampling manual for a study of one set' });
}
