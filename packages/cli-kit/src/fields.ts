import type * as z from 'zod';

/** How the value of a flag or an argument is read from text. */
export type ValueKind = 'boolean' | 'number' | 'bigint' | 'text' | 'choice' | 'list' | 'record';

/** One flag or positional argument, derived from its schema. */
export interface FieldSpec {
  readonly key: string;
  readonly kind: ValueKind;
  /** The kind of an entry of a list, or of a value of a record; otherwise the kind itself. */
  readonly item: ValueKind;
  readonly isRequired: boolean;
  readonly default: unknown;
  readonly choices: readonly string[];
  readonly description: string;
  /** `n-samples`. */
  readonly flag: string;
  /** Name in help and messages: `--n-samples`, or `MODEL` of a positional argument. */
  readonly name: string;
  readonly short: string | undefined;
  /** Shorter names of the flag, without dashes. */
  readonly aliases: readonly string[];
  /** The placeholder of the value in help: `N`, `FILE`. */
  readonly placeholder: string;
  /** A list whose entries may be separated by commas in one value. */
  readonly isSplit: boolean;
}

/** The declarations of a schema's `.meta()` for its flag. */
export interface FieldMeta {
  readonly description?: string;
  readonly short?: string;
  readonly aliases?: readonly string[];
  readonly placeholder?: string;
  readonly split?: boolean;
}

/** The fields of an object schema, in order. Reads the schema's structure only, so that zod itself need not be loaded. */
export function fieldsOf(object: z.ZodObject, role: 'argument' | 'option'): FieldSpec[] {
  return Object.entries(object.shape).map(([key, schema]) => fieldOf(key, schema as Schema, role));
}

/** `nSamples` and `n_samples` → `n-samples`. */
function kebabCase(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
}

interface Definition {
  readonly type: string;
  readonly innerType?: Schema;
  readonly in?: Schema;
  readonly out?: Schema;
  readonly element?: Schema;
  readonly valueType?: Schema;
  readonly options?: readonly Schema[];
  readonly entries?: Readonly<Record<string, string | number>>;
  readonly values?: readonly unknown[];
  readonly defaultValue?: unknown;
}
interface Schema {
  readonly def: Definition;
  meta(): FieldMeta | undefined;
}

interface Unwrapped {
  readonly core: Schema;
  readonly meta: FieldMeta;
  readonly isOptional: boolean;
  readonly default: unknown;
}

function fieldOf(key: string, schema: Schema, role: 'argument' | 'option'): FieldSpec {
  const { core, meta, isOptional, default: defaultValue } = unwrap(schema);
  const kind = kindOf(core);
  const item = itemOf(core, kind);
  const flag = kebabCase(key);
  const placeholder = meta.placeholder ?? (role === 'argument' ? upperCase(key) : placeholderOf(key, kind, item));
  return {
    key,
    kind,
    item,
    isRequired: !isOptional,
    default: defaultValue,
    choices: choicesOf(kind === 'list' && core.def.element !== undefined ? unwrap(core.def.element).core : core),
    description: meta.description ?? '',
    flag,
    name: role === 'argument' ? placeholder : `--${flag}`,
    short: meta.short,
    aliases: meta.aliases ?? [],
    placeholder,
    isSplit: kind === 'list' && meta.split !== false,
  };
}

function unwrap(schema: Schema): Unwrapped {
  let core = schema;
  let meta: FieldMeta = { ...schema.meta() };
  let isOptional = false;
  let defaultValue: unknown;
  for (;;) {
    const { type, innerType, in: input, out } = core.def;
    if (type === 'optional' || type === 'default' || type === 'prefault') isOptional = true;
    if (type === 'default' || type === 'prefault') defaultValue ??= core.def.defaultValue;
    const inner = type === 'pipe' ? (input?.def.type === 'transform' ? out : input) : innerType;
    if (inner === undefined) return { core, meta, isOptional, default: defaultValue };
    core = inner;
    meta = { ...core.meta(), ...meta };
  }
}

function kindOf({ def }: Schema): ValueKind {
  switch (def.type) {
    case 'boolean':
    case 'number':
    case 'bigint':
      return def.type;
    case 'int':
      return 'number';
    case 'enum':
    case 'literal':
      return 'choice';
    case 'array':
      return 'list';
    case 'record':
      return 'record';
    default:
      return 'text';
  }
}

function itemOf({ def }: Schema, kind: ValueKind): ValueKind {
  const item = kind === 'list' ? def.element : kind === 'record' ? def.valueType : undefined;
  return item === undefined ? kind : kindOf(unwrap(item).core);
}

function choicesOf({ def }: Schema): readonly string[] {
  if (def.type === 'enum') return Object.values(def.entries ?? {}).map(String);
  return def.type === 'literal' ? (def.values ?? []).map(String) : [];
}

function placeholderOf(key: string, kind: ValueKind, item: ValueKind): string {
  if (kind === 'record') return 'NAME=VALUE';
  if (item === 'number' || item === 'bigint') return 'N';
  return kind === 'list' ? upperCase(key).replace(/S$/, '') : upperCase(key);
}

function upperCase(key: string): string {
  return kebabCase(key).replaceAll('-', '_').toUpperCase();
}
