import { canonicalJson } from './canonical-json.ts';
import { type Digest, sha256Hex } from './digest.ts';
import type { Branded } from './hex-id.ts';
import type { TaskId } from './task-id.ts';

export type AggregationId = Branded<'AggregationId'>;

/** SHA-256 hex of canonical JSON `{v:1, target, target_digest, task_ids sorted}`. */
export function aggregationIdOf(target: string, targetDigest: Digest, taskIds: readonly TaskId[]): AggregationId {
  // Ids and digests contain only hex digits and `sha256:`: nothing needs escaping.
  const ids = [...taskIds].sort().join('","');
  const list = taskIds.length === 0 ? '' : `"${ids}"`;
  return sha256Hex(`{"target":${canonicalJson(target)},"target_digest":"${targetDigest}","task_ids":[${list}],"v":1}`) as AggregationId;
}
