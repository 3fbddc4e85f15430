import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { type BundleEnvironment, bundleEnvironmentSchema, ModelOpsError, parseValue } from '@modelops/contracts';
import type { EnvironmentFiles, InfraDeps } from './infra-deps.ts';

/** The real world for `mops infra`. Opens nothing yet. */
export function openInfraDeps(env: Readonly<Record<string, string | undefined>>): InfraDeps {
  return {
    openCluster: async (settings) => (await import('../engines/kubernetes/open-cluster.ts')).openCluster(settings),
    environments: createEnvironmentFiles(join(env.MODELOPS_HOME ?? join(homedir(), '.modelops'), 'bundle-env')),
    readSecret,
    connectionString: env.MODELOPS_STORAGE_CONNECTION_STRING,
    pause: (ms) => pause(ms),
  };
}

export function createEnvironmentFiles(folder: string): EnvironmentFiles {
  const fileOf = (name: string) => {
    if (/^[a-z0-9]([a-z0-9_.-]*[a-z0-9])?$/i.test(name)) return join(folder, `${name}.yaml`);
    throw new ModelOpsError('USAGE', `"${name}" is not a name for an environment`, { hint: 'letters, digits, - _ and . between them' });
  };
  return {
    read: async (name) => {
      const file = fileOf(name);
      const content = await readIfPresent(file);
      if (content === undefined) return undefined;
      const { parse } = await import('yaml');
      return parseValue(parseYaml(content, file, parse), bundleEnvironmentSchema, { source: file, code: 'CONFIG_INVALID' });
    },
    save: async (environment: BundleEnvironment) => {
      const file = fileOf(environment.environment);
      const { stringify } = await import('yaml');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const aside = `${file}.${process.pid}`;
      await writeFile(aside, stringify(environment), { mode: 0o600 });
      await chmod(aside, 0o600);
      await rename(aside, file);
      return file;
    },
  };
}

function parseYaml(content: string, file: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(content);
  } catch (cause) {
    throw new ModelOpsError('CONFIG_INVALID', `${file} is not valid YAML`, { cause, hint: 'mops infra up writes it again' });
  }
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function readSecret(file: string): Promise<string> {
  const content = file === '-' ? await text(process.stdin) : await readIfPresent(file);
  if (content === undefined) throw new ModelOpsError('FILE_NOT_FOUND', `${file} does not exist`);
  return content.trim();
}
