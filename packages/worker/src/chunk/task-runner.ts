import {
  createMemoryGuard,
  type Evaluation,
  HostLost,
  type HostStarter,
  type LoadMessage,
  type MemoryGuard,
  type ModelHost,
  type OutputTables,
  type RunMessage,
  tableBytes,
} from '@modelops/model-host';
import type { Job } from '../job-context.ts';
import { type BatchResult, type RunnableTask, runMessageOf } from './batch.ts';

export interface TaskRunnerDeps {
  readonly hosts: HostStarter;
  readonly guard: MemoryGuard;
  readonly load: LoadMessage;
  readonly valuesAt: (set: number) => RunMessage['values'][number];
  readonly maxAttempts: number;
  readonly now: () => number;
  /** Interrupts a run after the batches that were sent. */
  readonly signal?: AbortSignal;
}

/** Thrown by an interrupted run: tasks without a result have not run. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** How long an interrupted run waits for the batches that were sent. */
const INTERRUPT_MS = 3000;
/** Target duration of a batch: long enough to make message cost negligible, short enough to lose little. */
const BATCH_MS = 50;
const LARGEST_BATCH = 1024;
/** A second request is sent ahead of the answer to the first if a batch takes less time than this, and its results fewer bytes. */
const AHEAD = { ms: 500, bytes: 2 ** 20 };
/** `onNearEnd` is called once the requests without an answer are expected to take less. */
const NEAR_END_MS = 200;

/**
 * Runs tasks on one warm host, in batches that grow until one takes about 50 ms. If a host is lost, the tasks of its batch run one at a time on fresh
 * hosts, up to `maxAttempts` each, and then fail with the reason why the host ended. When the signal aborts, a run ends after the batches that were
 * sent, or after three seconds without them.
 */
export interface TaskRunner {
  /**
   * `onNearEnd` is called when all tasks have been sent and will soon be answered, unless it is not known how long they take.
   * @throws Interrupted, LoadFailed
   */
  run(tasks: readonly RunnableTask[], onBatch: (result: BatchResult) => Promise<void> | void, onNearEnd?: () => void): Promise<void>;
  /** Starts the host ahead of its first request. */
  warmUp(): void;
  /** Evaluates a target on the same host, after the current batches; retried on a fresh host if the first is lost. */
  evaluate(target: string, outputs: OutputTables): Promise<Evaluation>;
  close(): Promise<void>;
}

export function createTaskRunner({ hosts, guard, load, valuesAt, maxAttempts, now, signal }: TaskRunnerDeps): TaskRunner {
  let warm: Promise<ModelHost> | undefined;
  let batchSize = 1;
  /** Requests sent to the host at once: two, unless they are large, so that the host need not wait for the next one. */
  let requestsAhead = 1;
  /** Mean duration of a task of the last batch; unknown before the first. */
  let meanMs = Number.POSITIVE_INFINITY;
  /** When the last request was answered: one that was sent ahead starts then. */
  let answeredAt = Number.NEGATIVE_INFINITY;
  let before: Promise<unknown> = Promise.resolve();

  const startHost = async () => {
    const host = await hosts.start(load);
    guard.watch(host);
    return host;
  };
  /** Stops a host once; the next call starts a fresh one. */
  const drop = async (used: Promise<ModelHost>) => {
    if (warm === used) warm = undefined;
    const host = await used.catch(() => undefined);
    if (host === undefined) return;
    guard.forget(host);
    await host.kill();
  };
  const warmHost = () => {
    warm ??= startHost();
    return warm;
  };
  const onHost = async <T>(action: (host: ModelHost) => Promise<T>): Promise<T> => {
    const used = warmHost();
    try {
      return await action(await used);
    } catch (error) {
      if (error instanceof HostLost) await drop(used);
      throw error;
    }
  };
  const lossOrLost = (evaluating: Promise<Evaluation>): Promise<Evaluation> =>
    evaluating.catch((error: unknown) => {
      if (error instanceof HostLost) return { error: error.reason };
      throw error;
    });
  /** Evaluates on a separate host, so only this evaluation can end it. */
  const evaluateAlone = async (target: string, outputs: OutputTables): Promise<Evaluation> => {
    const host = await startHost();
    try {
      return await lossOrLost(host.evaluate(target, outputs));
    } finally {
      guard.forget(host);
      await host.kill();
    }
  };
  const ask = async (tasks: readonly RunnableTask[]): Promise<BatchResult> => {
    const sentAt = now();
    const ran = await onHost((host) => host.run(runMessageOf(tasks, valuesAt)));
    const startedAt = Math.max(sentAt, answeredAt);
    answeredAt = now();
    return {
      tasks,
      startedAt,
      durations: ran.durations,
      errors: new Map(ran.errors.map(({ task, error }) => [task, error])),
      outputs: ran.outputs,
    };
  };
  const grow = ({ durations, outputs }: BatchResult) => {
    meanMs = durations.reduce((sum, duration) => sum + duration, 0) / durations.length;
    const wanted = Math.max(1, Math.min(batchSize * 8, Math.floor(BATCH_MS / Math.max(meanMs, 1e-3))));
    batchSize = Math.min(hosts.largestBatch ?? LARGEST_BATCH, wanted);
    const bytes = Object.values(outputs).reduce((sum, table) => sum + tableBytes(table), 0);
    requestsAhead = meanMs * batchSize < AHEAD.ms && (bytes / durations.length) * batchSize < AHEAD.bytes ? 2 : 1;
  };
  /** Runs one task alone on up to `maxAttempts` hosts; `lost` is the reason why the first host ended, if the task was alone on it. */
  const runAlone = async (task: RunnableTask, lost: HostLost | undefined): Promise<BatchResult> => {
    let last = lost;
    let startedAt = now();
    for (let attempt = lost === undefined ? 1 : 2; attempt <= maxAttempts; attempt++) {
      startedAt = now();
      try {
        return await ask([task]);
      } catch (error) {
        if (!(error instanceof HostLost)) throw error;
        if (signal?.aborted) throw new Interrupted();
        last = error;
      }
    }
    const duration = Float64Array.of(now() - startedAt);
    return { tasks: [task], startedAt, durations: duration, errors: new Map([[0, last!.reason]]), outputs: {} };
  };

  const runAll: TaskRunner['run'] = async (tasks, onBatch, onNearEnd) => {
    /** Requests without an answer, in order. */
    const asked: { readonly batch: readonly RunnableTask[]; readonly result: Promise<BatchResult> }[] = [];
    let sent = 0;
    let hasNotified = false;
    const sendAhead = () => {
      while (!signal?.aborted && sent < tasks.length && asked.length < requestsAhead) {
        const batch = tasks.slice(sent, sent + batchSize);
        const result = ask(batch);
        result.catch(() => undefined); // awaited below
        asked.push({ batch, result });
        sent += batch.length;
      }
      const unanswered = asked.reduce((sum, { batch }) => sum + batch.length, 0);
      if (sent < tasks.length || unanswered * meanMs > NEAR_END_MS || hasNotified) return;
      hasNotified = true;
      onNearEnd?.();
    };
    while (asked.length > 0 || sent < tasks.length) {
      sendAhead();
      const first = asked.shift();
      if (first === undefined) throw new Interrupted();
      try {
        const result = await first.result;
        grow(result);
        // The host works on the next batch while this one is processed.
        sendAhead();
        await onBatch(result);
      } catch (error) {
        if (!(error instanceof HostLost)) throw error;
        // The requests behind it were lost with the host, and are sent again.
        for (const { batch } of asked.splice(0)) sent -= batch.length;
        const { batch } = first;
        for (const task of batch) {
          if (signal?.aborted) throw new Interrupted();
          await onBatch(await runAlone(task, batch.length === 1 && !error.isBystander ? error : undefined));
        }
      }
    }
  };

  return {
    warmUp: () => void warmHost().catch(() => undefined), // the next request reports it
    close: async () => void (warm && (await drop(warm))),
    async evaluate(target, outputs) {
      const first = await lossOrLost(onHost((host) => host.evaluate(target, outputs)));
      if (!('error' in first) || first.error.kind === 'exception') return first;
      const alone = before.then(() => evaluateAlone(target, outputs));
      before = alone.catch(() => undefined); // one host at a time, even if several evaluations were lost with the previous one
      return alone;
    },
    async run(tasks, onBatch, onNearEnd) {
      let interruptTimer: NodeJS.Timeout | undefined;
      const onAbort = () => {
        interruptTimer = setTimeout(() => void (warm && drop(warm)), INTERRUPT_MS);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        await runAll(tasks, onBatch, onNearEnd);
      } finally {
        clearTimeout(interruptTimer);
        signal?.removeEventListener('abort', onAbort);
      }
    },
  };
}

/** A memory guard for the job's hosts, with the job's limit per task and the container's limit. */
export function guardJob({ spec }: Pick<Job, 'spec'>): MemoryGuard {
  const { memory_mib } = spec.binding;
  return createMemoryGuard({ host: memory_mib === null ? undefined : memory_mib * 2 ** 20 });
}
