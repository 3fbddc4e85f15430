import { nearestName, type ParamValue, type Problem } from '@modelops/contracts';
import { type DeclaredParameter, parseBounds, parseFixed } from './parse-bounds.ts';

/** A parameter of a design: sampled over its range, or held at one value. */
export type DesignParameter =
  | {
      readonly name: string;
      readonly kind: 'float' | 'int';
      readonly min: number;
      readonly max: number;
      readonly scale: 'linear' | 'log';
    }
  | { readonly name: string; readonly kind: 'choice'; readonly values: readonly ParamValue[] }
  | { readonly name: string; readonly kind: 'fixed'; readonly value: ParamValue };

/** What a person asked of single parameters, as typed. */
export interface SpaceWishes {
  /** `name` → value. */
  readonly fix: Readonly<Record<string, string>>;
  /** `name` → `min:max`. */
  readonly range: Readonly<Record<string, string>>;
}

/** The parameters of a design in the model's order. What is wrong is added to `problems`, each under the flag that was typed. */
export function planSpace(declared: readonly DeclaredParameter[], { fix, range }: SpaceWishes, problems: Problem[]): DesignParameter[] {
  const names = declared.map(({ name }) => name);
  checkNames('--fix', Object.keys(fix), names, problems);
  checkNames('--range', Object.keys(range), names, problems);
  return declared.map((parameter) => {
    const { name } = parameter;
    const [fixed, bounds] = [own(fix, name), own(range, name)];
    if (fixed !== undefined && bounds !== undefined) problems.push({ path: `--range ${name}`, message: 'is fixed by --fix too' });
    if (fixed !== undefined) return { name, kind: 'fixed', value: parseFixed(parameter, fixed, problems) };
    const sampled = bounds === undefined ? sampledOf(parameter) : narrow(parameter, bounds, problems);
    checkSampled(sampled, bounds === undefined ? name : `--range ${name}`, problems);
    return sampled;
  });
}

/** Names that are not the model's, each with the nearest that is. */
export function checkNames(path: string, given: readonly string[], known: readonly string[], problems: Problem[]): void {
  for (const name of given) {
    if (known.includes(name)) continue;
    const near = nearestName(name, known);
    const hint = near === undefined ? `it has ${known.join(', ') || 'none'}` : `did you mean "${near}"?`;
    problems.push({ path: `${path} ${name}`, message: `the model has no parameter "${name}"; ${hint}` });
  }
}

function own(record: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function sampledOf(parameter: DeclaredParameter): DesignParameter {
  const { name } = parameter;
  if (parameter.kind === 'choice') return { name, kind: 'choice', values: parameter.values };
  const { kind, min, max, scale } = parameter;
  return { name, kind, min, max, scale };
}

function narrow(parameter: DeclaredParameter, bounds: string, problems: Problem[]): DesignParameter {
  const declared = sampledOf(parameter);
  const path = `--range ${parameter.name}`;
  if (declared.kind !== 'float' && declared.kind !== 'int') {
    problems.push({
      path,
      message: `${parameter.name} is a choice, which has no range; hold it at one value with --fix ${parameter.name}=…`,
    });
    return declared;
  }
  const parsed = parseBounds(bounds, declared.kind, path, problems);
  if (parsed === undefined) return declared;
  if (parsed.min < declared.min || parsed.max > declared.max) {
    problems.push({ path, message: `${parsed.min}:${parsed.max} is not within what the model declares, ${declared.min}:${declared.max}` });
    return declared;
  }
  return { ...declared, ...parsed };
}

function checkSampled(parameter: DesignParameter, path: string, problems: Problem[]): void {
  if (parameter.kind !== 'float' && parameter.kind !== 'int') return;
  const { min, max, scale } = parameter;
  if (!Number.isFinite(min) || !Number.isFinite(max))
    problems.push({ path, message: `its bounds ${min} and ${max} are not finite numbers` });
  else if (min > max) problems.push({ path, message: `its lower bound ${min} is above its upper bound ${max}` });
  else if (!Number.isFinite(max - min)) problems.push({ path, message: `its range ${min} to ${max} is too wide for a double` });
  else if (scale === 'log' && min <= 0)
    problems.push({ path, message: `its scale is logarithmic, so its lower bound ${min} must be above 0` });
}
