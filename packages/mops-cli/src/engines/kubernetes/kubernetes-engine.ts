import { type Attempt, type AttemptPlan, type BundleEnvironment, type JobId, type JobSpec, ModelOpsError } from '@modelops/contracts';
import type { Engine, EngineView, LogOptions } from '../engine.ts';
import type { Cluster } from './cluster.ts';
import { type ClusterSettings, clusterSettingsOf } from './cluster-settings.ts';
import { attemptLabels, jobManifest, kubeJobName } from './job-manifest.ts';
import type { KubeEvent, KubeJob, KubePod } from './objects.ts';
import { readLogs } from './read-logs.ts';
import { GONE, viewOfJob } from './view-of-job.ts';

/** Between two looks at what is being stopped. */
const LOOK_EVERY_MS = 250;
/** Longer than the grace time: what the node needs to report that a pod is gone. */
const STOP_SLACK_MS = 60_000;

export interface KubernetesEngineDeps {
  readonly cluster: Cluster;
  readonly pause: (ms: number) => Promise<void>;
}

/** Runs each attempt as one Indexed Job. A start is one write to the API, whatever the number of tasks or workers. */
export function createKubernetesEngine(settings: ClusterSettings, { cluster, pause }: KubernetesEngineDeps): Engine {
  const { namespace } = settings;
  const jobRef = (job: JobId, n: number) => ({ apiVersion: 'batch/v1', kind: 'Job', namespace, name: kubeJobName(job, n) });
  const podsOf = (job: JobId, n: number) =>
    cluster.list<KubePod>({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labels: attemptLabels(job, n) });

  async function start({ job_id }: Pick<JobSpec, 'job_id'>, plan: Pick<AttemptPlan, 'n' | 'width'>): Promise<{ readonly name: string }> {
    await cluster.create(jobManifest(job_id, plan, settings));
    return { name: kubeJobName(job_id, plan.n) };
  }

  async function observe(id: JobId, { n }: Pick<Attempt, 'n'>): Promise<EngineView> {
    const job = await cluster.read<KubeJob>(jobRef(id, n));
    if (job === undefined) return GONE;
    const [pods, events] = await Promise.all([
      podsOf(id, n),
      cluster.list<KubeEvent>({ apiVersion: 'v1', kind: 'Event' }, { namespace, fields: { type: 'Warning' } }),
    ]);
    return viewOfJob(job, pods, events);
  }

  async function stop(id: JobId, { n }: Pick<Attempt, 'n'>): Promise<void> {
    const ref = jobRef(id, n);
    await cluster.remove(ref);
    for (let waited = 0; ; waited += LOOK_EVERY_MS) {
      const [job, pods] = await Promise.all([cluster.read(ref), podsOf(id, n)]);
      if (job === undefined && pods.length === 0) return;
      if (waited > settings.grace_seconds * 1000 + STOP_SLACK_MS) throw stillThere(ref.name, pods, settings);
      await pause(LOOK_EVERY_MS);
    }
  }

  async function* logs(id: JobId, { n }: Pick<Attempt, 'n'>, options: LogOptions = {}): AsyncGenerator<string> {
    yield* readLogs(await podsOf(id, n), options, cluster);
  }

  return { name: 'kubernetes', defaultWidth: settings.workers, start, observe, stop, forget: stop, logs };
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
    `Job ${name} is deleted, and ${names.length} of its pods are still there: ${names.slice(0, 3).join(', ')}`,
    {
      hint: `kubectl --namespace ${namespace} describe pod ${names[0] ?? ''}`,
    },
  );
}
