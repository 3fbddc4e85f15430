import { canonicalJson } from './canonical-json.ts';
import { type Digest, sha256Hex } from './digest.ts';
import type { Branded } from './hex-id.ts';
import type { TaskId } from './task-id.ts';

export type AggregationId = Branded<'AggregationId'>;

/** SHA-256 hex of canonical JSON `{v:1, target, target_digest, task_ids sorted}`. */
export function aggregationIdOf(target: string, targetDigest: Digest, taskIds: readonly TaskId[]): AggregationId {
  return sha256Hex(canonicalJson({ v: 1, target, target_digest: targetDigest, task_ids: [...taskIds].sort() })) as AggregationId;
}
