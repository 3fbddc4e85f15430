import { canonicalJson, type OutputTable, type TaskId } from '@modelops/contracts';
import { canConcat, tableBytes } from '@modelops/model-host';
import { packName, type SimulationRow } from '@modelops/store';
import type { Job, Stores } from '../job-context.ts';
import { type BatchResult, joinOutputs } from './batch.ts';

const FLUSH_BYTES = 64 * 2 ** 20;
const FLUSH_MS = 15_000;

/** A pack that was written: its tasks, in order, and their outputs, if a target needs them and they fit in memory until the chunk ends. */
export interface FlushedPack {
  readonly name: string;
  readonly tasks: readonly number[];
  readonly outputs: Readonly<Record<string, OutputTable>> | undefined;
}

/** Memory for written outputs, shared by the chunks of a worker. Targets read outputs that are not kept from the store. */
export interface KeptOutputs {
  /** Reserves the bytes; false if they do not fit. */
  keep(bytes: number): boolean;
  release(bytes: number): void;
}

const MAX_KEPT_BYTES = 128 * 2 ** 20;

export function createKeptOutputs(maxBytes = MAX_KEPT_BYTES): KeptOutputs {
  let kept = 0;
  return {
    keep(bytes) {
      if (kept + bytes > maxBytes) return false;
      kept += bytes;
      return true;
    },
    release: (bytes) => {
      kept -= bytes;
    },
  };
}

/**
 * Buffers results up to 64 MiB, or until 15 s after the oldest began, so the result of a long task does not wait for the next task.
 */
export interface PackBuffer {
  add(result: BatchResult): Promise<void>;
  flush(): Promise<void>;
  /** Bytes of results that are not written yet. */
  readonly pendingBytes: number;
  /** Frees the outputs of the written packs. */
  forget(): void;
  readonly packs: readonly FlushedPack[];
  /** Tasks that failed, by kind. */
  readonly failed: ReadonlyMap<string, number>;
  readonly failedTasks: ReadonlySet<number>;
  readonly modelMs: number;
}

export function createPackBuffer(
  job: Job,
  { provenance, now, random }: Stores,
  worker: string,
  memory: KeptOutputs = createKeptOutputs(),
): PackBuffer {
  const { outputs, targets } = job.spec.binding;
  const isEvaluated = targets.length > 0;
  const packs: FlushedPack[] = [];
  const failed = new Map<string, number>();
  const failedTasks = new Set<number>();
  /** For each output, a table with the columns of the buffered results. */
  const forms = new Map<string, OutputTable | undefined>();
  let held: BatchResult[] = [];
  let bytes = 0;
  let oldest = 0;
  let modelMs = 0;
  let keptBytes = 0;

  const flush = async () => {
    if (held.length === 0) return;
    const [results, size] = [held, bytes];
    [held, bytes] = [[], 0];
    forms.clear();
    const name = packName(now(), random);
    const tables = joinOutputs(results, outputs);
    await provenance.writeSimulations(job.sims, { name, simulations: rowsOf(job, results), outputs: tables, job_id: job.id, worker });
    const isKept = isEvaluated && memory.keep(size);
    if (isKept) keptBytes += size;
    packs.push({ name, tasks: results.flatMap(({ tasks }) => tasks.map(({ index }) => index)), outputs: isKept ? tables : undefined });
  };

  return {
    packs,
    failed,
    failedTasks,
    get modelMs() {
      return modelMs;
    },
    get pendingBytes() {
      return bytes;
    },
    flush,
    forget() {
      memory.release(keptBytes);
      keptBytes = 0;
      for (const [at, pack] of packs.entries()) packs[at] = { ...pack, outputs: undefined };
    },
    async add(result) {
      // An output has one set of columns per pack; tasks with other columns start another pack.
      if (!outputs.every((output) => canConcat([forms.get(output), result.outputs[output]]))) await flush();
      for (const output of outputs) if (!hasRows(forms.get(output))) forms.set(output, result.outputs[output]);
      if (held.length === 0) oldest = result.startedAt;
      held.push(result);
      for (const table of Object.values(result.outputs)) bytes += tableBytes(table);
      for (const duration of result.durations) modelMs += duration;
      for (const [place, { kind }] of result.errors) {
        failed.set(kind, (failed.get(kind) ?? 0) + 1);
        failedTasks.add(result.tasks[place]!.index);
      }
      if (bytes >= FLUSH_BYTES || now() - oldest >= FLUSH_MS) await flush();
    },
  };
}

function hasRows(table: OutputTable | undefined): boolean {
  return (table?.columns[0]?.values.length ?? 0) > 0;
}

function rowsOf(job: Job, results: readonly BatchResult[]): SimulationRow[] {
  const params = new Map<number, string>();
  return results.flatMap(({ tasks, startedAt, durations, errors }) => {
    let elapsed = startedAt;
    return tasks.map(({ index, set, seed }, place) => {
      const { param_id, values } = job.tasks.paramsAt(set);
      let text = params.get(set);
      if (text === undefined) {
        text = canonicalJson(values);
        params.set(set, text);
      }
      const error = errors.get(place);
      const row: SimulationRow = {
        task_id: job.tasks.idAt(index) as TaskId,
        param_id,
        params: text,
        seed: BigInt(seed),
        status: error === undefined ? 'ok' : 'failed',
        error: error === undefined ? null : JSON.stringify(error),
        started_at: Math.round(elapsed),
        duration_ms: durations[place]!,
      };
      elapsed += durations[place]!;
      return row;
    });
  });
}
