import type { LogOptions, WorkerLine } from '../engine.ts';
import type { Cluster } from './cluster.ts';
import { type KubePod, podIndex } from './objects.ts';
import { WORKER_CONTAINER } from './pod-template.ts';

/** Lines of pods' logs by worker and then by start; with `tail`, of each worker's newest pod only. */
export async function* readLogs(
  pods: readonly KubePod[],
  { index, tail }: LogOptions,
  cluster: Pick<Cluster, 'readLog'>,
): AsyncGenerator<WorkerLine> {
  const wanted = pods.filter((pod) => hasStarted(pod) && (index === undefined || podIndex(pod) === index)).sort(byWorkerThenStart);
  const chosen =
    tail === undefined ? wanted : wanted.filter((pod, i) => i === wanted.length - 1 || podIndex(wanted[i + 1]!) !== podIndex(pod));
  for (const pod of chosen) {
    const { name, namespace = 'default' } = pod.metadata;
    const lines = cluster.readLog({ namespace, pod: name, container: WORKER_CONTAINER, tail });
    for await (const text of lines) yield { worker: podIndex(pod), source: name, text };
  }
}

function hasStarted({ status }: KubePod): boolean {
  return (status?.containerStatuses ?? []).some(({ state }) => state?.running !== undefined || state?.terminated !== undefined);
}

function byWorkerThenStart(a: KubePod, b: KubePod): number {
  const startOf = ({ metadata }: KubePod) => metadata.creationTimestamp ?? '';
  return podIndex(a) - podIndex(b) || (startOf(a) < startOf(b) ? -1 : 1);
}
