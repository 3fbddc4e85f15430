import { answering, type BundleEnvironment, type JobId, ModelOpsError, type Owner } from '@modelops/contracts';
import type { Engine, EngineProblem, LogOptions, WorkerLine } from '../engine.ts';
import { noneWouldRemain, nothingToScale } from '../refuse-scale.ts';
import type { Cluster } from './cluster.ts';
import { type ClusterSettings, clusterSettingsOf, wholeCpus } from './cluster-settings.ts';
import { countIndexesBelow } from './describe-problems.ts';
import { attemptLabels, jobManifest, kubeJobName, QUEUE_LABEL } from './job-manifest.ts';
import { type KubeEvent, type KubeJob, type KubeNamespace, type KubePod, podIndex } from './objects.ts';
import { WORKER_CONTAINER } from './pod-template.ts';
import { GONE, hasEnded, viewOfJob } from './view-of-job.ts';

/** Interval between polls while an attempt is being stopped. */
const POLL_EVERY_MS = 250;
/** Time after the grace period that a node may need to report the end of a pod. */
const STOP_SLACK_MS = 60_000;

export interface KubernetesEngineDeps {
  readonly cluster: Cluster;
  readonly pause: (ms: number) => Promise<void>;
}

/** Runs each attempt as one Indexed Job. A start is one write to the API for any number of tasks or workers. */
export function createKubernetesEngine(settings: ClusterSettings, { cluster, pause }: KubernetesEngineDeps): Engine {
  const { namespace } = settings;
  const jobRef = (job: JobId, n: number) => ({ apiVersion: 'batch/v1', kind: 'Job', namespace, name: kubeJobName(job, n) });
  const podsOf = (job: JobId, n: number) =>
    cluster.list<KubePod>({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labels: attemptLabels(job, n) });

  /** Undefined also if the user is not allowed to read it. */
  const namespaceOf = (name: string) =>
    cluster.read<KubeNamespace>({ apiVersion: 'v1', kind: 'Namespace', name }).catch(answering(() => undefined, 'UNAUTHORISED'));

  async function namespaceProblems(): Promise<EngineProblem[]> {
    if ((await namespaceOf(namespace))?.status?.phase !== 'Terminating') return [];
    const message = `namespace ${namespace} is being deleted: its workers are stopped and new ones are refused`;
    return [{ reason: 'NamespaceTerminating', message }];
  }

  let cached: Promise<Owner> | undefined;
  async function readOwner(): Promise<Owner> {
    const cluster_uid = (await namespaceOf('kube-system'))?.metadata.uid ?? null;
    return { kind: 'cluster', cluster: cluster_uid, server: cluster.server, namespace };
  }

  const stop: Engine['stop'] = async (id, { n }) => {
    const ref = jobRef(id, n);
    await cluster.remove(ref);
    for (let waited = 0; ; waited += POLL_EVERY_MS) {
      const [job, pods] = await Promise.all([cluster.read(ref), podsOf(id, n)]);
      if (job === undefined && pods.length === 0) return;
      if (waited > settings.grace_seconds * 1000 + STOP_SLACK_MS) throw stillThere(ref.name, pods, settings);
      await pause(POLL_EVERY_MS);
    }
  };

  return {
    name: 'kubernetes',
    /** Read once: the cluster of an engine does not change. */
    owner() {
      cached ??= readOwner();
      cached.catch(() => (cached = undefined));
      return cached;
    },
    /** Default: the environment's number of workers, with one slot for each whole CPU. */
    widthOf: ({ workers = settings.workers, slots = wholeCpus(settings.cpu) }) => ({ workers, slots }),
    async start({ job_id }, plan) {
      await cluster.create(jobManifest(job_id, plan, settings));
      return { name: kubeJobName(job_id, plan.n) };
    },
    async scale(id, { n }, workers) {
      const ref = jobRef(id, n);
      const job = await cluster.read<KubeJob>(ref);
      if (job === undefined || hasEnded(job)) throw nothingToScale(id);
      const before = job.spec.completions;
      if (workers === before) return { before };
      const queue = job.metadata.labels?.[QUEUE_LABEL];
      if (queue !== undefined) throw admittedAsOne(id, queue, workers);
      const { completedIndexes, failedIndexes } = job.status ?? {};
      const remaining = workers - countIndexesBelow(completedIndexes, workers) - countIndexesBelow(failedIndexes, workers);
      if (workers < before && remaining <= 0) throw noneWouldRemain(id, workers);
      // The API changes both together or neither.
      if ((await cluster.merge(ref, { spec: { completions: workers, parallelism: workers } })) === undefined) throw nothingToScale(id);
      return { before };
    },
    async observe(id, { n }) {
      const [job, problems] = await Promise.all([cluster.read<KubeJob>(jobRef(id, n)), namespaceProblems()]);
      if (job === undefined) return { ...GONE, problems };
      const [pods, events] = await Promise.all([
        podsOf(id, n),
        cluster.list<KubeEvent>({ apiVersion: 'v1', kind: 'Event' }, { namespace, fields: { type: 'Warning' } }),
      ]);
      const view = viewOfJob(job, pods, events);
      return { ...view, problems: [...problems, ...view.problems] };
    },
    stop,
    forget: stop,
    async *logs(id, { n }, options = {}) {
      yield* readLogs(await podsOf(id, n), options, cluster);
    },
  };
}

/** The engine of an environment's cluster. @throws CONFIG_INVALID without a cluster, or with a context that the kubeconfig does not have. */
export async function openKubernetesEngine(environment: BundleEnvironment): Promise<Engine> {
  const settings = clusterSettingsOf(environment);
  const { openCluster } = await import('./open-cluster.ts');
  const { setTimeout } = await import('node:timers/promises');
  return createKubernetesEngine(settings, { cluster: await openCluster(settings), pause: (ms) => setTimeout(ms) });
}

/** Kueue reserves the resources of all workers when it admits a Job, and evicts one whose number changes. */
function admittedAsOne(id: JobId, queue: string, workers: number): ModelOpsError {
  return new ModelOpsError('CONFLICT', `${id} was admitted by the Kueue queue ${queue} with a fixed number of workers`, {
    hint: `mops jobs cancel ${id}, then mops jobs resume ${id} --workers ${workers}`,
  });
}

function stillThere(name: string, pods: readonly KubePod[], { namespace }: ClusterSettings): ModelOpsError {
  const names = pods.map(({ metadata }) => metadata.name);
  const message = `Job ${name} was deleted, but ${names.length} of its pods still run: ${names.slice(0, 3).join(', ')}`;
  return new ModelOpsError('ENGINE_FAILED', message, { hint: `kubectl --namespace ${namespace} describe pod ${names[0] ?? ''}` });
}

/** Lines of pods' logs by worker and then by start; with `tail`, of each worker's newest pod only. */
async function* readLogs(
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
