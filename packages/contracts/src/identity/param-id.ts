import { ModelOpsError } from '../errors.ts';
import { blake2b } from './blake2b.ts';
import { canonicalJson } from './canonical-json.ts';
import { type Branded, parseHexId } from './hex-id.ts';

export type ParamId = Branded<'ParamId'>;
export type ParamValue = boolean | number | string;
export type ParamValues = Readonly<Record<string, ParamValue>>;

/** BLAKE2b-256 hex of `contracts:param:v1|` + canonical JSON of the values. Key order and −0 do not matter. @throws VALUE_INVALID naming the parameter. */
export function paramIdOf(values: ParamValues): ParamId {
  for (const [name, value] of Object.entries(values)) {
    if (!isParamValue(value)) {
      throw new ModelOpsError('VALUE_INVALID', `parameter ${name} is ${String(value)}`, {
        hint: 'a value is a boolean, a finite number or a string',
      });
    }
  }
  const text = new TextEncoder().encode(`contracts:param:v1|${canonicalJson(values)}`);
  return Buffer.from(blake2b(text, 32)).toString('hex') as ParamId;
}

export function isParamValue(value: unknown): value is ParamValue {
  return typeof value === 'boolean' || typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}

/** @throws IDENTITY_INVALID */
export function parseParamId(text: string): ParamId {
  return parseHexId<'ParamId'>(text, 'parameter id');
}
