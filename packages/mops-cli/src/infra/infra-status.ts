import { defineCommand } from '@modelops/cli-kit';
import * as z from 'zod';
import type { StatusReport } from '../documents/infra.ts';
import type { InfraDeps } from './infra-deps.ts';
import { checkProvider, infraTarget } from './infra-target.ts';
import { readStatus } from './read-status.ts';

export const infraStatus = defineCommand({
  examples: ['mops infra status --env team'],
  args: z.object({}),
  options: infraTarget,
  run: async ({ provider, env }, deps: InfraDeps): Promise<StatusReport> => {
    checkProvider(provider);
    const { environment } = await deps.environments.find(env);
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
