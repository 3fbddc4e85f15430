import { type ChunkOrder, type JobId, sha256Hex } from '@modelops/contracts';

/** Orders chunks; `scattered` is a pseudo-random order that depends on the job only. */
export function inOrder(chunks: readonly number[], order: ChunkOrder, job: JobId): readonly number[] {
  if (order === 'forward') return chunks;
  if (order === 'backward') return [...chunks].reverse();
  const places = new Map(chunks.map((chunk) => [chunk, sha256Hex(`${job} ${chunk}`)]));
  return [...chunks].sort((a, b) => (places.get(a)! < places.get(b)! ? -1 : 1));
}
