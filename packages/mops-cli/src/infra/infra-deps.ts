import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { type BundleEnvironment, type JobId, ModelOpsError } from '@modelops/contracts';
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
    unfinishedJobs: async (environment) => (await import('./unfinished-jobs.ts')).unfinishedJobs(environment, join(given.home, 'cache')),
    readSecret,
    pause: (ms) => pause(ms),
  };
}

async function readSecret(file: string): Promise<string> {
  if (file === '-') return (await text(process.stdin)).trim();
  const content = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new ModelOpsError('FILE_NOT_FOUND', `${file} not found`, { cause });
    throw cause;
  });
  return content.trim();
}
