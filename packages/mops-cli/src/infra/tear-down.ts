import { type BundleEnvironment, ModelOpsError } from '@modelops/contracts';
import { type Cluster, refOf } from '../engines/kubernetes/cluster.ts';
import { clusterSettingsOf } from '../engines/kubernetes/cluster-settings.ts';
import type { KubeJob, KubeObject } from '../engines/kubernetes/objects.ts';
import { hasEnded } from '../engines/kubernetes/view-of-job.ts';
import { type InfraChange, isMadeByUs, readNamespace } from './bring-up.ts';
import { namespaceObjects } from './namespace-objects.ts';

/**
 * Deletes what `bringUp` created and waits until it is gone; the namespace itself only if `bringUp` created it. Results remain in the storage.
 * A plan deletes nothing.
 * @throws CONFLICT while a Job is unfinished: deleting a namespace in which pods still start may never finish
 */
export async function tearDown(
  environment: BundleEnvironment,
  { isPlan = false }: { readonly isPlan?: boolean },
  { cluster, pause }: { readonly cluster: Cluster; readonly pause: (ms: number) => Promise<void> },
): Promise<InfraChange[]> {
  const settings = clusterSettingsOf(environment);
  const namespace = await readNamespace(settings, cluster);
  if (namespace === undefined) return [];
  await refuseWhileRunning(settings.namespace, environment.environment, cluster);
  const all = namespaceObjects({ settings, environmentText: '', registryConfig: '', isOurNamespace: true });
  const targets = isMadeByUs(namespace) ? [namespace] : await existing(all.slice(1), cluster);
  if (!isPlan) for (const object of targets) await removeAndWait(object, { cluster, pause });
  return targets.map(({ kind, metadata }) => ({ kind, name: metadata.name, action: 'delete', fields: [] }));
}

/** The Jobs of mops in a namespace that have not ended. */
export async function runningJobs(namespace: string, cluster: Pick<Cluster, 'list'>): Promise<KubeJob[]> {
  const labels = { 'app.kubernetes.io/managed-by': 'mops' };
  const jobs = await cluster.list<KubeJob>({ apiVersion: 'batch/v1', kind: 'Job' }, { namespace, labels });
  return jobs.filter((job) => !hasEnded(job));
}

async function refuseWhileRunning(namespace: string, environment: string, cluster: Pick<Cluster, 'list'>): Promise<void> {
  const jobs = await runningJobs(namespace, cluster);
  const running = jobs.map(({ metadata }) => metadata.labels?.['modelops.io/job'] ?? metadata.name);
  if (running.length === 0) return;
  throw new ModelOpsError(
    'CONFLICT',
    `${running.slice(0, 5).join(', ')} ${running.length === 1 ? 'has' : 'have'} not ended in namespace ${namespace}`,
    { hint: `mops jobs cancel ${running[0]} --env ${environment}` },
  );
}

async function existing(objects: readonly KubeObject[], cluster: Pick<Cluster, 'read'>): Promise<KubeObject[]> {
  const found: KubeObject[] = [];
  for (const object of objects) {
    const present = await cluster.read(refOf(object));
    if (present?.metadata.labels?.['app.kubernetes.io/managed-by'] === 'mops') found.push(present);
  }
  return found;
}

async function removeAndWait(
  object: KubeObject,
  { cluster, pause }: { readonly cluster: Pick<Cluster, 'read' | 'remove'>; readonly pause: (ms: number) => Promise<void> },
): Promise<void> {
  await cluster.remove(refOf(object));
  for (let polls = 0; (await cluster.read(refOf(object))) !== undefined; polls++) {
    if (polls > 600) {
      throw new ModelOpsError('ENGINE_FAILED', `${object.kind} ${object.metadata.name} still exists 5 minutes after its deletion started`, {
        hint: `kubectl get ${object.kind} ${object.metadata.name} --output yaml shows what blocks it`,
      });
    }
    await pause(500);
  }
}
