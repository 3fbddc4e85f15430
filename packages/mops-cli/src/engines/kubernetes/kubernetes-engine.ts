import {
  type AttemptPlan,
  type AttemptWidth,
  answering,
  type BundleEnvironment,
  type JobId,
  type JobSpec,
  ModelOpsError,
  type Owner,
} from '@modelops/contracts';
import type { AttemptRef, Engine, EngineProblem, EngineView, LogOptions, RequestedWidth, WorkerLine } from '../engine.ts';
import type { Cluster } from './cluster.ts';
import { type ClusterSettings, clusterSettingsOf } from './cluster-settings.ts';
import { attemptLabels, jobManifest, kubeJobName } from './job-manifest.ts';
import type { KubeEvent, KubeJob, KubeNamespace, KubePod } from './objects.ts';
import { wholeCpus } from './quantity.ts';
import { readLogs } from './read-logs.ts';
import { GONE, viewOfJob } from './view-of-job.ts';

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

  async function start(
    { job_id }: Pick<JobSpec, 'job_id'>,
    plan: Pick<AttemptPlan, 'n' | 'width' | 'slots'>,
  ): Promise<{ readonly name: string }> {
    await cluster.create(jobManifest(job_id, plan, settings));
    return { name: kubeJobName(job_id, plan.n) };
  }

  async function observe(id: JobId, { n }: AttemptRef): Promise<EngineView> {
    const [job, problems] = await Promise.all([cluster.read<KubeJob>(jobRef(id, n)), namespaceProblems()]);
    if (job === undefined) return { ...GONE, problems };
    const [pods, events] = await Promise.all([
      podsOf(id, n),
      cluster.list<KubeEvent>({ apiVersion: 'v1', kind: 'Event' }, { namespace, fields: { type: 'Warning' } }),
    ]);
    const view = viewOfJob(job, pods, events);
    return { ...view, problems: [...problems, ...view.problems] };
  }

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
  /** Read once: the cluster of an engine does not change. */
  function owner(): Promise<Owner> {
    cached ??= readOwner();
    cached.catch(() => (cached = undefined));
    return cached;
  }

  async function stop(id: JobId, { n }: AttemptRef): Promise<void> {
    const ref = jobRef(id, n);
    await cluster.remove(ref);
    for (let waited = 0; ; waited += POLL_EVERY_MS) {
      const [job, pods] = await Promise.all([cluster.read(ref), podsOf(id, n)]);
      if (job === undefined && pods.length === 0) return;
      if (waited > settings.grace_seconds * 1000 + STOP_SLACK_MS) throw stillThere(ref.name, pods, settings);
      await pause(POLL_EVERY_MS);
    }
  }

  async function* logs(id: JobId, { n }: AttemptRef, options: LogOptions = {}): AsyncGenerator<WorkerLine> {
    yield* readLogs(await podsOf(id, n), options, cluster);
  }

  /** Default: the environment's number of workers, with one slot for each whole CPU. */
  function widthOf({ workers = settings.workers, slots = wholeCpus(settings.cpu) }: RequestedWidth): AttemptWidth {
    return { workers, slots };
  }

  return { name: 'kubernetes', owner, widthOf, start, observe, stop, forget: stop, logs };
}

/** The engine of an environment's cluster. @throws CONFIG_INVALID without a cluster, or with a context that the kubeconfig does not have. */
export async function openKubernetesEngine(environment: BundleEnvironment): Promise<Engine> {
  const settings = clusterSettingsOf(environment);
  const { openCluster } = await import('./open-cluster.ts');
  const { setTimeout } = await import('node:timers/promises');
  return createKubernetesEngine(settings, { cluster: await openCluster(settings), pause: (ms) => setTimeout(ms) });
}

function stillThere(name: string, pods: readonly KubePod[], { namespace }: ClusterSettings): ModelOpsError {
  const names = pods.map(({ metadata }) => metadata.name);
  return new ModelOpsError(
    'ENGINE_FAILED',
    `Job ${name} was deleted, but ${names.length} of its pods still run: ${names.slice(0, 3).join(', ')}`,
    {
      hint: `kubectl --namespace ${namespace} describe pod ${names[0] ?? ''}`,
    },
  );
}
