import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { ModelOpsError } from '@modelops/contracts';
import type { InfraDeps } from './infra-deps.ts';

/** The real implementations for `mops infra`. Opens and loads nothing yet. */
export function openInfraDeps({ home, connectionString }: { readonly home: string } & Pick<InfraDeps, 'connectionString'>): InfraDeps {
  return {
    openCluster: async (settings) => (await import('../engines/kubernetes/open-cluster.ts')).openCluster(settings),
    environments: {
      names: async () => (await import('@modelops/bundle/environments')).environmentNames(home),
      read: async (name) => (await import('@modelops/bundle/environments')).readEnvironment(name, home),
      find: async (name) => (await import('@modelops/bundle/environments')).environmentNamed(name, home),
      save: async (environment) => (await import('@modelops/bundle/environments')).saveEnvironment(environment, home),
    },
    readSecret,
    connectionString,
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
