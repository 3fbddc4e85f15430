import { concatTables, type OutputTable } from '../hosts/columns.ts';
import type { MemoryGuard } from '../hosts/memory-guard.ts';
import type { Evaluation, LoadMessage, RunMessage, TaskError } from '../hosts/messages.ts';
import { HostLost, type HostStarter, type ModelHost } from '../hosts/model-host.ts';

/** One task as a host is told of it; `index` is its place in the job. */
export interface RunnableTask {
  readonly index: number;
  readonly set: number;
  readonly seed: bigint | number;
}

/** What came of a batch of tasks, in their order. */
export interface BatchResult {
  readonly tasks: readonly RunnableTask[];
  readonly startedAt: number;
  readonly durations: Float64Array;
  /** By place in `tasks`. */
  readonly errors: ReadonlyMap<number, TaskError>;
  readonly outputs: Readonly<Record<string, OutputTable>>;
}

export interface TaskRunnerDeps {
  readonly hosts: HostStarter;
  readonly guard: MemoryGuard;
  readonly load: LoadMessage;
  readonly valuesAt: (set: number) => RunMessage['values'][number];
  readonly maxAttempts: number;
  readonly now: () => number;
}

/** Work aimed at in one batch: long enough that a message costs nothing, short enough to lose little. */
const BATCH_MS = 50;
const LARGEST_BATCH = 1024;

/**
 * Runs tasks on one warm host, in batches that grow until one takes about 50 ms. A host that is lost costs its batch: the tasks of it
 * are tried one at a time on fresh hosts, up to `maxAttempts` each, and then recorded by how the host ended.
 */
export interface TaskRunner {
  run(tasks: readonly RunnableTask[], onBatch: (result: BatchResult) => Promise<void> | void): Promise<void>;
  /** Evaluates a target on the same host, behind the batches under way; tried on a fresh host when the first is lost. */
  evaluate(target: string, table: OutputTable): Promise<Evaluation>;
  close(): Promise<void>;
}

export function createTaskRunner({ hosts, guard, load, valuesAt, maxAttempts, now }: TaskRunnerDeps): TaskRunner {
  let warm: Promise<ModelHost> | undefined;
  let batchSize = 1;

  const startHost = async () => {
    const host = await hosts.start(load);
    guard.watch(host);
    return host;
  };
  const host = () => {
    warm ??= startHost();
    return warm;
  };
  /** Ends the warm host, if it is still the one that was lost. */
  const dropHost = async (lost = warm) => {
    if (lost === undefined) return;
    if (warm === lost) warm = undefined;
    const dead = await lost.catch(() => undefined);
    if (dead === undefined) return;
    guard.forget(dead);
    await dead.kill();
  };
  const evaluateOnce = async (target: string, table: OutputTable): Promise<Evaluation> => {
    const used = host();
    try {
      return await (await used).evaluate(target, table);
    } catch (error) {
      if (!(error instanceof HostLost)) throw error;
      await dropHost(used);
      return { error: error.reason };
    }
  };
  const ask = async (tasks: readonly RunnableTask[]): Promise<BatchResult> => {
    const startedAt = now();
    const ran = await (await host()).run(messageOf(tasks, valuesAt));
    return {
      tasks,
      startedAt,
      durations: ran.durations,
      errors: new Map(ran.errors.map(({ task, error }) => [task, error])),
      outputs: ran.outputs,
    };
  };
  const grow = ({ durations }: BatchResult) => {
    const mean = durations.reduce((sum, duration) => sum + duration, 0) / durations.length;
    batchSize = Math.max(1, Math.min(LARGEST_BATCH, batchSize * 8, Math.floor(BATCH_MS / Math.max(mean, 1e-3))));
  };
  /** One task alone, up to `maxAttempts` hosts. */
  const runAlone = async (task: RunnableTask): Promise<BatchResult> => {
    for (let attempt = 1; ; attempt++) {
      const startedAt = now();
      try {
        return await ask([task]);
      } catch (error) {
        if (!(error instanceof HostLost)) throw error;
        await dropHost();
        if (attempt < maxAttempts) continue;
        return {
          tasks: [task],
          startedAt,
          durations: Float64Array.of(now() - startedAt),
          errors: new Map([[0, error.reason]]),
          outputs: {},
        };
      }
    }
  };

  return {
    close: () => dropHost(),
    async evaluate(target, table) {
      const first = await evaluateOnce(target, table);
      return 'error' in first && first.error.kind !== 'exception' ? evaluateOnce(target, table) : first;
    },
    async run(tasks, onBatch) {
      let at = 0;
      let next: Promise<BatchResult> | undefined;
      const send = (from: number) => {
        const batch = tasks.slice(from, from + batchSize);
        const asked = ask(batch);
        asked.catch(() => undefined); // awaited below
        return asked;
      };
      while (at < tasks.length) {
        const size = Math.min(batchSize, tasks.length - at);
        try {
          const result = await (next ?? send(at));
          next = undefined;
          at += result.tasks.length;
          grow(result);
          // The host works on the next batch while this one is taken in.
          if (at < tasks.length) next = send(at);
          await onBatch(result);
        } catch (error) {
          next = undefined;
          if (!(error instanceof HostLost)) throw error;
          await dropHost();
          for (const task of tasks.slice(at, at + size)) await onBatch(await runAlone(task));
          at += size;
        }
      }
    },
  };
}

function messageOf(tasks: readonly RunnableTask[], valuesAt: TaskRunnerDeps['valuesAt']): RunMessage {
  const places = new Map<number, number>();
  const values: RunMessage['values'][number][] = [];
  const set = tasks.map((task) => {
    let place = places.get(task.set);
    if (place === undefined) {
      place = values.length;
      places.set(task.set, place);
      values.push(valuesAt(task.set));
    }
    return place;
  });
  return {
    values,
    set,
    seeds: tasks.map(({ seed }) => (typeof seed === 'number' || seed <= 9007199254740991n ? Number(seed) : seed.toString())),
  };
}

/** Results joined in order, as one table an output; tasks that failed have no rows. */
export function joinOutputs(results: readonly BatchResult[], outputs: readonly string[]): Record<string, OutputTable> {
  return Object.fromEntries(
    outputs.map((output) => [
      output,
      concatTables(results.map((result) => result.outputs[output] ?? { rows: new Int32Array(result.tasks.length), columns: [] })),
    ]),
  );
}
