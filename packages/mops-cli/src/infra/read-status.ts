import type { BundleEnvironment } from '@modelops/contracts';
import type { StatusReport } from '../documents/infra.ts';
import { type Cluster, refOf } from '../engines/kubernetes/cluster.ts';
import { clusterSettingsOf } from '../engines/kubernetes/cluster-settings.ts';
import type { KubeJob } from '../engines/kubernetes/objects.ts';
import { hasEnded } from '../engines/kubernetes/view-of-job.ts';
import { namespaceObjects } from './namespace-objects.ts';

/** Which parts of an environment exist. Only reads. */
export async function readStatus(
  environment: BundleEnvironment,
  cluster: Pick<Cluster, 'read' | 'list'>,
): Promise<Pick<StatusReport, 'objects' | 'running_jobs'>> {
  const settings = clusterSettingsOf(environment);
  const registryConfig = settings.registry_secret === undefined ? undefined : '';
  const wanted = namespaceObjects({ environment, settings, environmentText: '', registryConfig, isOurNamespace: true });
  const objects = await Promise.all(
    wanted.map(async (object) => ({
      kind: object.kind,
      name: object.metadata.name,
      is_present: (await cluster.read(refOf(object))) !== undefined,
    })),
  );
  const jobs = await cluster.list<KubeJob>(
    { apiVersion: 'batch/v1', kind: 'Job' },
    { namespace: settings.namespace, labels: { 'app.kubernetes.io/managed-by': 'mops' } },
  );
  return { objects, running_jobs: jobs.filter((job) => !hasEnded(job)).map(({ metadata }) => metadata.name) };
}
