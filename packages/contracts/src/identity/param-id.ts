import { blake2b } from '@noble/hashes/blake2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { ModelOpsError } from '../errors.ts';
import { canonicalJson } from './canonical-json.ts';
import { hashMany } from './hash-many.ts';
import { type Branded, parseHexId } from './ids.ts';

export type ParamId = Branded<'ParamId'>;
export type ParamValue = boolean | number | string;
export type ParamValues = Readonly<Record<string, ParamValue>>;

const DIGEST_BYTES = 32;

/**
 * BLAKE2b-256 hex of `contracts:param:v1|` + canonical JSON of the values. The order of names and the sign of zero do not matter.
 * @throws VALUE_INVALID naming the parameter
 */
export function paramIdOf(values: ParamValues): ParamId {
  return hexOf(blake2b(utf8ToBytes(identityText(values)), { dkLen: DIGEST_BYTES })) as ParamId;
}

/** The ids of many parameter sets by the same rule. @throws as {@link paramIdOf} does */
export function paramIdsOf(sets: readonly ParamValues[]): ParamId[] {
  const digests = hashMany({ blake2b: DIGEST_BYTES }, { count: sets.length, prefixOf: (n) => identityText(sets[n]!) });
  const hex = hexOf(digests);
  return sets.map((_, n) => hex.slice(n * 2 * DIGEST_BYTES, (n + 1) * 2 * DIGEST_BYTES) as ParamId);
}

function identityText(values: ParamValues): string {
  for (const [name, value] of Object.entries(values)) {
    if (isParamValue(value)) continue;
    throw new ModelOpsError(
      'VALUE_INVALID',
      `invalid parameter ${name}: expected a boolean, a finite number or a string, got ${String(value)}`,
    );
  }
  return `contracts:param:v1|${canonicalJson(values)}`;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

export function isParamValue(value: unknown): value is ParamValue {
  return typeof value === 'boolean' || typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}

/** @throws IDENTITY_INVALID */
export function parseParamId(text: string): ParamId {
  return parseHexId<'ParamId'>(text, 'parameter id');
}
