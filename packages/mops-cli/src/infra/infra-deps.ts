import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { type BundleEnvironment, isTerminal, JOB_STATUSES, type JobId, ModelOpsError } from '@modelops/contracts';
import type { Cluster } from '../engines/kubernetes/cluster.ts';

/** What `mops infra` needs from outside. */
export interface InfraDeps {
  /** The folder of environments, local stores and caches. */
  readonly home: string;
  readonly cwd: string;
  readonly openCluster: (settings: { readonly context?: string | undefined }) => Promise<Cluster>;
  /** The jobs in an environment's storage that have not ended, newest first. */
  readonly unfinishedJobs: (environment: BundleEnvironment) => Promise<readonly JobId[]>;
  /** Text of a file, or of stdin for `-`. @throws FILE_NOT_FOUND */
  readonly readSecret: (file: string) => Promise<string>;
  /** `MODELOPS_STORAGE_CONNECTION_STRING`, used without a file. */
  readonly connectionString: string | undefined;
  readonly pause: (ms: number) => Promise<void>;
}

/** The real implementations for `mops infra`. Opens and loads nothing yet. */
export function openInfraDeps(given: Pick<InfraDeps, 'home' | 'cwd' | 'connectionString'>): InfraDeps {
  return {
    ...given,
    openCluster: async (settings) => (await import('../engines/kubernetes/open-cluster.ts')).openCluster(settings),
    unfinishedJobs: (environment) => unfinishedJobs(environment, join(given.home, 'cache')),
    readSecret,
    pause: (ms) => pause(ms),
  };
}

async function unfinishedJobs(environment: BundleEnvironment, cacheDir: string): Promise<readonly JobId[]> {
  const { openStores } = await import('@modelops/worker/stores');
  const { registry } = await openStores(environment, { cacheDir, isReadOnly: true });
  const jobs: JobId[] = [];
  const status = JOB_STATUSES.filter((one) => !isTerminal(one));
  for await (const { job_id } of registry.list({ status })) jobs.push(job_id);
  return jobs;
}

async function readSecret(file: string): Promise<string> {
  if (file === '-') return (await text(process.stdin)).trim();
  const content = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new ModelOpsError('FILE_NOT_FOUND', `${file} not found`, { cause });
    throw cause;
  });
  return content.trim();
}
