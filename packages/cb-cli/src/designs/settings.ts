import { formatCount, type JsonSeed, type Problem, parseSeed, seedToJson } from '@modelops/contracts';
import * as z from 'zod';
import { type DesignParameter, isVarying } from '../space/parameter-space.ts';

/** The option `--seed`; as text, since a seed may not fit a double. */
export const seedOption = z.string().default('0').describe('Seed of the design, 0 to 2^64−1').meta({ placeholder: 'N' });

export function nSamplesOption(help: string) {
  return z
    .number()
    .describe(help)
    .meta({ aliases: ['n'] });
}

/** A seed as a study holds it; 0, with a problem, for what is not one. */
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

/** Adds a problem when nothing varies. */
export function checkVaries(parameters: readonly DesignParameter[], problems: Problem[]): void {
  if (!parameters.some(isVarying))
    problems.push({ path: 'MODEL', message: 'no parameter is left to vary; cb sampling manual makes a study of one set' });
}

/** The columns of the varying parameters in the places of all parameters. */
export function inPlace(parameters: readonly DesignParameter[], columns: readonly Float64Array[]): (Float64Array | undefined)[] {
  let next = 0;
  return parameters.map((parameter) => (isVarying(parameter) ? columns[next++] : undefined));
}
