import { type ChunkOrder, type JobId, jsonBytes, keys, sha256Hex } from '@modelops/contracts';
import { type ObjectStore, readRecord } from '@modelops/store';
import * as z from 'zod';

export interface ClaimOptions {
  readonly job: JobId;
  readonly n: number;
  readonly chunks: number;
  readonly index: number;
  readonly width: number;
  readonly host: string;
  readonly now: () => number;
  /** Order of the worker's own share. Default: forward. */
  readonly order?: ChunkOrder | undefined;
}

export interface Claim {
  readonly chunk: number;
  /** True if this index claimed the chunk before and did not finish it: its worker died. */
  readonly isCrashed: boolean;
}

/** The chunks that this index claimed and did not finish: its worker died in them. */
export async function crashedChunks(objects: ObjectStore, { job, n, index }: Pick<ClaimOptions, 'job' | 'n' | 'index'>): Promise<Claim[]> {
  const claimed = await chunkNumbers(objects, keys.claims(job, n));
  if (claimed.size === 0) return [];
  const crashed: Claim[] = [];
  const done = await chunkNumbers(objects, keys.dones(job, n));
  for (const chunk of claimed)
    if (!done.has(chunk) && (await readRecord(objects, keys.claim(job, n, chunk), claimSchema))?.index === index)
      crashed.push({ chunk, isCrashed: true });
  return crashed;
}

/** Multiples of the golden ratio, modulo 1, lie far apart. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Claims chunks for worker `index` of `width`, each by creating an object that must not exist yet: first its own share, then the others. An
 * index from `width` on, of a worker that was added while the attempt ran, has no share. A claim belongs to the index, not to the process.
 */
export async function* claimChunks(objects: ObjectStore, options: ClaimOptions): AsyncGenerator<Claim, void, void> {
  const { job, n, chunks, index, width, host, now, order = 'forward' } = options;
  const claimed = await chunkNumbers(objects, keys.claims(job, n));
  const [first, next] = shareOf(index, width, chunks);
  const take = async (chunk: number) =>
    (await objects.put(keys.claim(job, n, chunk), jsonBytes({ index, host, at: new Date(now()).toISOString() }), { ifAbsent: true })) !==
    'conflict';

  const share = Array.from({ length: next - first }, (_, k) => first + k);
  for (const chunk of inOrder(share, order, job)) if (!claimed.has(chunk) && (await take(chunk))) yield { chunk, isCrashed: false };
  for (;;) {
    const taken = await chunkNumbers(objects, keys.claims(job, n));
    const free = Array.from({ length: chunks }, (_, k) => (next + k) % chunks).filter((chunk) => !taken.has(chunk));
    if (free.length === 0) return;
    // List again after each claim: other workers walk the same list from other positions.
    for (const chunk of free) {
      if (await take(chunk)) {
        yield { chunk, isCrashed: false };
        break;
      }
    }
  }
}

/** The chunks from `first` to before `next`. Those of a worker that was added later are none, at a place far from where the others began. */
function shareOf(index: number, width: number, chunks: number): [first: number, next: number] {
  if (index < width) return [Math.floor((index * chunks) / width), Math.floor(((index + 1) * chunks) / width)];
  const place = Math.floor(((index * GOLDEN) % 1) * chunks);
  return [place, place];
}

/** Orders chunks; `scattered` is a pseudo-random order that depends on the job only. */
export function inOrder(chunks: readonly number[], order: ChunkOrder, job: JobId): readonly number[] {
  if (order === 'forward') return chunks;
  if (order === 'backward') return [...chunks].reverse();
  const places = new Map(chunks.map((chunk) => [chunk, sha256Hex(`${job} ${chunk}`)]));
  return [...chunks].sort((a, b) => (places.get(a)! < places.get(b)! ? -1 : 1));
}

/** The chunk numbers that have an object under the prefix. */
export async function chunkNumbers(objects: ObjectStore, prefix: string): Promise<Set<number>> {
  const numbers = new Set<number>();
  for await (const { key } of objects.list(prefix, { keysOnly: true })) {
    const name = key.slice(prefix.length);
    if (/^\d+$/.test(name)) numbers.add(Number(name));
  }
  return numbers;
}

const claimSchema = z.object({ index: z.int() });
