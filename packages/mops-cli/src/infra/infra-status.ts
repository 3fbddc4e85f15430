import { environmentNamed } from '@modelops/bundle/environments';
import { defineCommand } from '@modelops/cli-kit';
import type { BundleEnvironment } from '@modelops/contracts';
import * as z from 'zod';
import type { StatusReport } from '../documents/infra.ts';
import { type Cluster, refOf } from '../engines/kubernetes/cluster.ts';
import { clusterSettingsOf } from '../engines/kubernetes/cluster-settings.ts';
import type { InfraDeps } from './infra-deps.ts';
import { namespaceObjects } from './namespace-objects.ts';
import { checkProvider, infraTarget } from './options.ts';
import { runningJobs } from './tear-down.ts';

export const command = defineCommand({
  examples: ['mops infra status --env team'],
  args: z.object({}),
  options: infraTarget,
  run: async ({ provider, env }, deps: InfraDeps): Promise<StatusReport> => {
    checkProvider(provider);
    const { environment } = await environmentNamed(env, deps.home);
    const status = await readStatus(environment, await deps.openCluster({ context: environment.cluster?.context }));
    const isComplete = status.objects.every(({ is_present }) => is_present);
    return { environment: env, namespace: environment.cluster?.namespace ?? '', is_complete: isComplete, ...status };
  },
  human: ({ objects, running_jobs }: StatusReport) =>
    [
      ...objects.map(({ kind, name, is_present }) => `${is_present ? 'present' : 'missing'}  ${kind} ${name}`),
      running_jobs.length === 0 ? 'no unfinished jobs' : `unfinished jobs: ${running_jobs.join(', ')}`,
    ].join('\n'),
  notes: ({ is_complete, environment }: StatusReport) =>
    is_complete ? '' : `next: mops infra up --env ${environment} creates what is missing`,
  exit: ({ is_complete }: StatusReport) => (is_complete ? 0 : 3),
  schema: 'modelops.infra.status/v1',
  document: async () => (await import('../documents/infra.ts')).infraStatus,
});

/** Which parts of an environment exist. Only reads. */
async function readStatus(
  environment: BundleEnvironment,
  cluster: Pick<Cluster, 'read' | 'list'>,
): Promise<Pick<StatusReport, 'objects' | 'running_jobs'>> {
  const settings = clusterSettingsOf(environment);
  const registryConfig = settings.registry_secret === undefined ? undefined : '';
  const wanted = namespaceObjects({ settings, environmentText: '', registryConfig, isOurNamespace: true });
  const objects = await Promise.all(
    wanted.map(async (object) => ({
      kind: object.kind,
      name: object.metadata.name,
      is_present: (await cluster.read(refOf(object))) !== undefined,
    })),
  );
  const jobs = await runningJobs(settings.namespace, cluster);
  return { objects, running_jobs: jobs.map(({ metadata }) => metadata.name) };
}
