/** A value of a parameter. */
export type ParamValue = boolean | number | string;
export type ParamValues = Readonly<Record<string, ParamValue>>;

/** The scale on which a design distributes its points between the bounds. `log` needs bounds above 0, `logit` bounds inside (0, 1). */
export type Scale = 'linear' | 'log' | 'logit';

/** The prior distribution of a parameter. Designs truncate it to the bounds. Default: uniform on the scale. */
export type Prior =
  | { readonly distribution: 'uniform' }
  | { readonly distribution: 'normal'; readonly mean: number; readonly sd: number }
  /** `exp(X)` for a normal X with this mean and standard deviation. */
  | { readonly distribution: 'lognormal'; readonly mean_log: number; readonly sd_log: number }
  | { readonly distribution: 'beta'; readonly alpha: number; readonly beta: number }
  /** Mean `shape × scale`. */
  | { readonly distribution: 'gamma'; readonly shape: number; readonly scale: number };

/** A description for people. */
export interface ParameterText {
  /** `1/day` */
  readonly unit?: string;
  readonly description?: string;
}

export interface FloatParameter extends ParameterText {
  readonly kind: 'float';
  readonly min: number;
  readonly max: number;
  readonly scale: Scale;
  readonly default?: number;
  readonly prior?: Prior;
}

export interface IntParameter extends ParameterText {
  readonly kind: 'int';
  readonly min: number;
  readonly max: number;
  readonly scale: Exclude<Scale, 'logit'>;
  readonly default?: number;
  readonly prior?: Prior;
}

export interface ChoiceParameter<V extends ParamValue = ParamValue> extends ParameterText {
  readonly kind: 'choice';
  readonly values: readonly V[];
  readonly default?: V;
}

export type Parameter = FloatParameter | IntParameter | ChoiceParameter;
/** A model's parameters. Their order is the order of a design's dimensions. */
export type Parameters = Readonly<Record<string, Parameter>>;

/** The first argument of `simulate`. */
export type ValuesOf<P extends Parameters> = { readonly [K in keyof P]: P[K] extends ChoiceParameter<infer V> ? V : number };

export interface NumberOptions<S extends Scale = Scale> extends ParameterText {
  readonly scale?: S;
  /** The value in designs that do not vary the parameter. */
  readonly default?: number;
  readonly prior?: Prior;
}

export interface ChoiceOptions<V extends ParamValue> extends ParameterText {
  /** The value in designs that do not vary the parameter. */
  readonly default?: V;
}

/** A real parameter with inclusive bounds. Designs stay within the bounds; a study may set a value outside them. */
export function float(min: number, max: number, { scale = 'linear', ...options }: NumberOptions = {}): FloatParameter {
  return { kind: 'float', min, max, scale, ...options };
}

/** A whole-number parameter with inclusive bounds. */
export function int(min: number, max: number, { scale = 'linear', ...options }: NumberOptions<Exclude<Scale, 'logit'>> = {}): IntParameter {
  return { kind: 'int', min, max, scale, ...options };
}

/** A parameter that takes one of the listed values: `choice('a', 'b')`, or `choice(['a', 'b'], { default: 'b' })`. */
export function choice<const V extends ParamValue>(...values: readonly V[]): ChoiceParameter<V>;
export function choice<const V extends ParamValue>(values: readonly V[], options: ChoiceOptions<NoInfer<V>>): ChoiceParameter<V>;
export function choice(...args: readonly unknown[]): ChoiceParameter {
  const [values, options] = args;
  return Array.isArray(values)
    ? { kind: 'choice', values, ...(options as ChoiceOptions<ParamValue>) }
    : { kind: 'choice', values: args as ParamValue[] };
}

/** A parameter that is false or true. */
export function bool(options: ChoiceOptions<boolean> = {}): ChoiceParameter<boolean> {
  return { kind: 'choice', values: [false, true], ...options };
}

/** Why a value does not match the kind of the parameter (`is 1.5, not a whole number`); undefined if it does. Bounds are not checked. */
export function valueProblem(parameter: Parameter, value: unknown): string | undefined {
  switch (parameter.kind) {
    case 'float':
      return typeof value === 'number' && Number.isFinite(value) ? undefined : `is ${quoted(value)}, not a finite number`;
    case 'int':
      return Number.isSafeInteger(value) ? undefined : `is ${quoted(value)}, not a whole number`;
    case 'choice':
      return parameter.values.includes(value as ParamValue)
        ? undefined
        : `is ${quoted(value)}, not one of ${parameter.values.map(quoted).join(', ')}`;
  }
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
