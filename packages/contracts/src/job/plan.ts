import * as z from 'zod';

/** A contiguous range of task indices, [start, end). */
export type TaskRange = readonly [start: number, end: number];

/**
 * Concurrent jobs that need the same results visit them in different orders, so that they rarely compute the same task: the second goes
 * backward and meets the first in the middle, further ones go in a scattered order.
 */
export const CHUNK_ORDERS = ['forward', 'backward', 'scattered'] as const;
export type ChunkOrder = (typeof CHUNK_ORDERS)[number];

/** `jobs/<id>/attempts/<n>/plan.json`: which tasks this attempt runs, cut into the chunks that workers claim. Immutable. */
export const attemptPlanSchema = z.object({
  schema_version: z.literal(1),
  n: z.int().min(1),
  /** Number of workers P; worker i starts at its own share of the chunks. */
  width: z.int().min(1),
  /** Model hosts of each worker. Plans from before this field were made for the engine's own number. */
  slots: z.int().min(1).optional(),
  tasks: z.int().min(0),
  /** Each chunk: the ranges of tasks that it visits, in order. The worker skips tasks that have a result. */
  chunks: z.array(z.array(z.tuple([z.int(), z.int()]))),
  /** The order in which workers take the chunks of their share. Default: forward. */
  order: z.enum(CHUNK_ORDERS).optional(),
});

export type AttemptPlan = Readonly<z.output<typeof attemptPlanSchema>>;

/** Target number of chunks per slot: enough to even out slow chunks, few enough for the store. */
const CHUNKS_PER_SLOT = 32;
/** Parameter sets stay whole if there are at least this many per slot. */
const SETS_PER_SLOT = 4;

/** A parameter set with its tasks to run; an empty list requests its aggregation only. */
export interface PlannedGroup {
  readonly start: number;
  readonly end: number;
  readonly missing: readonly TaskRange[];
}

/** The workers of an attempt, and the model hosts of each. */
export interface AttemptWidth {
  readonly workers: number;
  readonly slots: number;
}

/**
 * Divides the tasks to run into chunks: contiguous in (parameter set, replicate) order; whole parameter sets if there are at least four per slot; about 32
 * chunks per slot. The number of workers is lowered to what the chunks can occupy. Reads nothing.
 */
export function planAttempt(n: number, groups: readonly PlannedGroup[], { workers, slots }: AttemptWidth): AttemptPlan {
  const tasks = groups.reduce((sum, group) => sum + missingIn(group), 0);
  const lanes = workers * slots;
  const chunks = groups.length >= SETS_PER_SLOT * lanes ? wholeSetChunks(groups, lanes) : splitSetChunks(groups, tasks, lanes);
  const width = Math.max(1, Math.min(workers, Math.ceil(chunks.length / slots)));
  return { schema_version: 1, n, width, slots, tasks, chunks };
}

function missingIn({ missing }: PlannedGroup): number {
  return missing.reduce((sum, [start, end]) => sum + end - start, 0);
}

function wholeSetChunks(groups: readonly PlannedGroup[], lanes: number): [number, number][][] {
  const wanted = Math.min(groups.length, CHUNKS_PER_SLOT * lanes);
  const weights = groups.map((group) => Math.max(1, missingIn(group)));
  const perChunk = weights.reduce((a, b) => a + b, 0) / wanted;
  const chunks: [number, number][][] = [];
  let current: [number, number][] = [];
  let filled = 0;
  groups.forEach(({ start, end, missing }, g) => {
    append(current, missing.length > 0 ? missing : [[start, end]]);
    filled += weights[g]!;
    if (filled >= perChunk * (chunks.length + 1) - 1e-9) {
      chunks.push(current);
      current = [];
    }
  });
  if (current.length > 0) chunks.push(current);
  return chunks;
}

function splitSetChunks(groups: readonly PlannedGroup[], tasks: number, lanes: number): [number, number][][] {
  const size = Math.max(1, Math.ceil(tasks / (CHUNKS_PER_SLOT * lanes)));
  const chunks: [number, number][][] = [];
  let current: [number, number][] = [];
  let room = size;
  const close = () => {
    if (current.length > 0) chunks.push(current);
    [current, room] = [[], size];
  };
  for (const { start, end, missing } of groups) {
    if (missing.length === 0) append(current, [[start, end]]);
    for (const [from, to] of missing) {
      for (let at = from; at < to; ) {
        const stop = Math.min(to, at + room);
        append(current, [[at, stop]]);
        room -= stop - at;
        at = stop;
        if (room === 0) close();
      }
    }
  }
  close();
  return chunks;
}

function append(ranges: [number, number][], more: readonly TaskRange[]): void {
  for (const [start, end] of more) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === start) last[1] = end;
    else ranges.push([start, end]);
  }
}
