import { sha256Hex } from '@modelops/contracts';
import type { Program } from '@modelops/model-host';
import type { FileDigests } from './model-digest.ts';

/** A model's program under the key of its description: a model may read its data when it loads, so the description depends on them too. */
export function describedWith(program: Program, data: readonly string[], digests: FileDigests): Program {
  if (data.length === 0) return program;
  const lines = [...data].sort().map((path) => `${path} ${digests.get(path)}`);
  return { ...program, key: sha256Hex([program.key, ...lines].join('\n')) };
}
