/** A value of a parameter. */
export type ParamValue = boolean | number | string;
export type ParamValues = Readonly<Record<string, ParamValue>>;

/** How a design spreads its points between the bounds. `log` needs bounds above 0. */
export type Scale = 'linear' | 'log';

export interface FloatParameter {
  readonly kind: 'float';
  readonly min: number;
  readonly max: number;
  readonly scale: Scale;
  readonly default?: number;
}

export interface IntParameter {
  readonly kind: 'int';
  readonly min: number;
  readonly max: number;
  readonly scale: Scale;
  readonly default?: number;
}

export interface ChoiceParameter<V extends ParamValue = ParamValue> {
  readonly kind: 'choice';
  readonly values: readonly V[];
}

export type Parameter = FloatParameter | IntParameter | ChoiceParameter;
/** A model's parameters. Their order is the order of a design's dimensions. */
export type Parameters = Readonly<Record<string, Parameter>>;

/** What `simulate` is given for these parameters. */
export type ValuesOf<P extends Parameters> = { readonly [K in keyof P]: P[K] extends ChoiceParameter<infer V> ? V : number };

export interface NumberOptions {
  readonly scale?: Scale;
  /** The value where a design does not vary the parameter. */
  readonly default?: number;
}

/** A real parameter with inclusive bounds. The bounds say where designs look; a study may still set a value outside them. */
export function float(min: number, max: number, { scale = 'linear', ...options }: NumberOptions = {}): FloatParameter {
  return { kind: 'float', min, max, scale, ...options };
}

/** A whole-number parameter with inclusive bounds. */
export function int(min: number, max: number, { scale = 'linear', ...options }: NumberOptions = {}): IntParameter {
  return { kind: 'int', min, max, scale, ...options };
}

/** A parameter that takes one of the listed values. */
export function choice<const V extends ParamValue>(...values: readonly V[]): ChoiceParameter<V> {
  return { kind: 'choice', values };
}

/** Why a value is not one of the parameter's kind (`is 1.5, not a whole number`), or undefined when it is. Bounds do not matter. */
export function valueProblem(parameter: Parameter, value: unknown): string | undefined {
  switch (parameter.kind) {
    case 'float':
      return typeof value === 'number' && Number.isFinite(value) ? undefined : `is ${shown(value)}, not a finite number`;
    case 'int':
      return Number.isSafeInteger(value) ? undefined : `is ${shown(value)}, not a whole number`;
    case 'choice':
      return parameter.values.includes(value as ParamValue)
        ? undefined
        : `is ${shown(value)}, not one of ${parameter.values.map(shown).join(', ')}`;
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
