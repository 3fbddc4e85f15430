import { nearestName } from '@modelops/contracts';

/** `{{ name }}`. Braces around anything but one name are text. */
const PLACEHOLDER = /\{\{\s*([\p{L}_][\p{L}\p{N}_.]*)\s*\}\}/gu;
/** An entry of the task's config: `{{ config.days }}`. */
const CONFIG = 'config.';
/** Placeholders besides the parameters. */
export const BUILT_IN_NAMES: readonly string[] = ['seed', 'scenario'];

/** The values of placeholders in one task. */
export interface TaskTexts {
  readonly params: Readonly<Record<string, boolean | number | string>>;
  /** 0 … 2^64−1, decimal. */
  readonly seed: string;
  readonly scenario: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** One message for each placeholder of a text that a model with these parameters does not have. */
export function placeholderProblems(text: string, parameters: readonly string[]): string[] {
  const known = [...parameters, ...BUILT_IN_NAMES];
  return [...text.matchAll(PLACEHOLDER)].flatMap(([whole, name]) => {
    if (known.includes(name!) || (name!.startsWith(CONFIG) && name!.length > CONFIG.length)) return [];
    const near = nearestName(name!, known);
    return [`${whole} is not a parameter, seed, scenario or config.NAME${near === undefined ? '' : `; did you mean {{ ${near} }}?`}`];
  });
}

export function hasPlaceholder(text: string): boolean {
  return text.search(PLACEHOLDER) !== -1;
}

/**
 * The text with every placeholder replaced: numbers in the fewest digits that yield the same double, booleans as `true` and `false`, entries of
 * the config that are not scalars as JSON. @throws RangeError for an entry that the config does not have
 */
export function fillPlaceholders(text: string, { params, seed, scenario, config }: TaskTexts): string {
  return text.replaceAll(PLACEHOLDER, (whole, name: string) => {
    if (Object.hasOwn(params, name)) return String(params[name]);
    if (name === 'seed') return seed;
    if (name === 'scenario') return scenario;
    const value = Object.hasOwn(config, name.slice(CONFIG.length)) ? config[name.slice(CONFIG.length)] : undefined;
    if (value === undefined) throw new RangeError(`${whole}: the config has no entry ${name.slice(CONFIG.length)}`);
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  });
}
