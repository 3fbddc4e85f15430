import { runProgram } from '@modelops/cli-kit';
import { createMemoryIo } from '@modelops/cli-kit/testing';
import type { Cluster } from '../../engines/kubernetes/cluster.ts';
import { infraCommands } from '../index.ts';
import { openInfraDeps } from '../infra-deps.ts';

export interface RunInfraOptions {
  readonly home: string;
  readonly cwd?: string;
  readonly connectionString?: string;
  /** Default: the real one. */
  readonly cluster?: Cluster;
}

/** Runs `mops env …` or `mops infra …` in this process. */
export async function runInfra(
  argv: readonly string[],
  { home, cwd = home, connectionString, cluster }: RunInfraOptions,
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  const io = createMemoryIo({ cwd, env: { MODELOPS_HOME: home } });
  const real = openInfraDeps({ home, cwd, connectionString });
  const imitated = cluster === undefined ? {} : { openCluster: async () => cluster, pause: async () => undefined };
  const deps = () => ({ ...real, ...imitated });
  const status = await runProgram({ name: 'mops', summary: '', version: '1', commands: infraCommands, deps, argv, io });
  return { status, stdout: io.stdout.text, stderr: io.stderr.text };
}
