import { environmentNamed } from '@modelops/bundle/environments';
import { defineCommand } from '@modelops/cli-kit';
import type { BundleEnvironment } from '@modelops/contracts';
import * as z from 'zod';
import type { StatusReport } from '../documents/infra.ts';
import { type Cluster, refOf } from '../engines/kubernetes/cluster.ts';
import { clusterSettingsOf } from '../engines/kubernetes/cluster-settings.ts';
import type { InfraDeps } from './infra-deps.ts';
import { foldersOf, isFolder } from './local-folders.ts';
import { namespaceObjects } from './namespace-objects.ts';
import { infraTarget } from './options.ts';
import { providerOf, supportedProvider } from './provider.ts';
import { runningJobs } from './tear-down.ts';

export const command = defineCommand({
  examples: ['mops infra status --env team', 'mops infra status --env local'],
  args: z.object({}),
  options: infraTarget,
  run: async ({ provider, env }, deps: InfraDeps): Promise<StatusReport> => {
    const given = supportedProvider(provider);
    const { environment, file } = await environmentNamed(env, deps.home);
    const status =
      providerOf(given, environment) === 'local'
        ? await localStatus(environment, deps)
        : await clusterStatus(environment, await deps.openCluster({ context: environment.cluster?.context }));
    const isComplete = file === undefined || status.objects.every(({ is_present }) => is_present);
    return { environment: env, namespace: environment.cluster?.namespace ?? null, is_complete: isComplete, ...status };
  },
  human: ({ objects, running_jobs }: StatusReport) =>
    [
      ...objects.map(({ kind, name, is_present }) => `${is_present ? 'present' : 'missing'}  ${kind} ${name}`),
      running_jobs.length === 0 ? 'no unfinished jobs' : `unfinished jobs: ${running_jobs.join(', ')}`,
    ].join('\n'),
  notes: ({ is_complete, environment, objects }: StatusReport) => {
    if (objects.every(({ is_present }) => is_present)) return '';
    return is_complete ? 'folders are created at first use' : `next: mops infra up --env ${environment} creates what is missing`;
  },
  exit: ({ is_complete }: StatusReport) => (is_complete ? 0 : 3),
  schema: 'modelops.infra.status/v1',
  document: async () => (await import('../documents/infra.ts')).infraStatus,
});

type Parts = Pick<StatusReport, 'objects' | 'running_jobs'>;

/** The folders of an environment without a cluster, and the jobs in its storage. Only reads. */
async function localStatus(environment: BundleEnvironment, { unfinishedJobs }: InfraDeps): Promise<Parts> {
  const objects = await Promise.all(
    foldersOf(environment).map(async (name) => ({ kind: 'folder', name, is_present: await isFolder(name) })),
  );
  return { objects, running_jobs: [...(await unfinishedJobs(environment))] };
}

/** Which parts of an environment exist in its cluster. Only reads. */
async function clusterStatus(environment: BundleEnvironment, cluster: Pick<Cluster, 'read' | 'list'>): Promise<Parts> {
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
