import type { ModelDescription, ParamValue, Problem } from '@modelops/contracts';

/** A parameter as its model declares it. */
export type DeclaredParameter = ModelDescription['parameters'][number];

/** Parses `min:max`. Adds a problem and returns undefined unless it is two finite numbers in order (whole numbers for an int). */
export function parseBounds(text: string, kind: 'float' | 'int', path: string, problems: Problem[]) {
  const parts = text.split(':').map((part) => numberOf(part));
  const [min, max] = parts;
  const refuse = (message: string) => void problems.push({ path, message });
  if (parts.length !== 2 || min === undefined || max === undefined)
    return refuse(`invalid range "${text}": expected min:max, two finite numbers`);
  if (min > max) return refuse(`its lower bound ${min} is above its upper bound ${max}`);
  if (kind === 'int' && !(Number.isSafeInteger(min) && Number.isSafeInteger(max))) return refuse(`"${text}" is not two whole numbers`);
  return { min, max };
}

/** Parses a value of a declared parameter. Adds a problem if the model does not accept it; the result is then meaningless. */
export function parseFixed(parameter: DeclaredParameter, text: string, problems: Problem[]): ParamValue {
  const refuse = (message: string) => {
    problems.push({ path: `--fix ${parameter.name}`, message });
    return text;
  };
  if (parameter.kind === 'choice') {
    return parameter.values.find((value) => String(value) === text) ?? refuse(`"${text}" is not one of ${parameter.values.join(', ')}`);
  }
  const value = numberOf(text);
  if (value === undefined) return refuse(`"${text}" is not a finite number`);
  if (parameter.kind === 'int' && !Number.isSafeInteger(value)) return refuse(`${text} is not a whole number`);
  if (value < parameter.min || value > parameter.max) {
    return refuse(`${text} is not within the declared range ${parameter.min}:${parameter.max}`);
  }
  return value;
}

function numberOf(text: string): number | undefined {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}
