import { ModelOpsError, type TaskId } from '@modelops/contracts';
import type { Job } from '@modelops/worker';

/** What an export takes of each task. */
export interface ExportedTask {
  readonly id: TaskId;
  readonly set: number;
  readonly seed: bigint;
}

export interface ExportOptions {
  readonly job: Job;
  /** An empty folder, to be filled. */
  readonly dir: string;
  readonly signal: AbortSignal;
}

export interface ExportCounts {
  /** Results written. */
  readonly results: number;
  /** Tasks of the job without a result. */
  readonly missing: number;
  /** Results whose outputs were let go by `mops store gc`. */
  readonly evicted: number;
}

/** Tasks taken together: their index rows and the outputs of one pack are in memory at once. */
const TOGETHER = 8_192;

/** The job's tasks in their order, each once, in batches; sets that are written twice have the same tasks. */
export function* taskBatches({ tasks }: Job, signal: AbortSignal): Iterable<readonly ExportedTask[]> {
  const seen = new Set<TaskId>();
  let batch: ExportedTask[] = [];
  for (let set = 0; set < tasks.groupCount; set++) {
    const { start, end } = tasks.groupAt(set);
    for (let task = start; task < end; task++) {
      const id = tasks.idAt(task);
      if (seen.has(id)) continue;
      seen.add(id);
      batch.push({ id, set, seed: BigInt(tasks.seedAt(task)) });
      if (batch.length < TOGETHER) continue;
      yield checked(batch, signal);
      batch = [];
    }
  }
  if (batch.length > 0) yield checked(batch, signal);
}

function checked<T>(value: T, signal: AbortSignal): T {
  if (signal.aborted) throw new ModelOpsError('INTERRUPTED', 'the export was interrupted; nothing was left behind');
  return value;
}

/** The name of an output as part of a file's name. @throws MODEL_INVALID when it would lead elsewhere */
export function fileNameOf(output: string): string {
  if (!/[/\\\0]/.test(output)) return output;
  throw new ModelOpsError('MODEL_INVALID', `output ${JSON.stringify(output)} cannot be a file's name`, {
    hint: 'give the output another name',
  });
}
