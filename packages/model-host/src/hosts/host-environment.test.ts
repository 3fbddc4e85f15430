import { afterEach, describe, expect, it, vi } from 'vitest';
import { ONE_TASK, startHost } from '../testing/started-hosts.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the environment of a model', () => {
  it('has no credentials, one thread per library, and empty stdin', async () => {
    vi.stubEnv('AZURE_STORAGE_CONNECTION_STRING', 'AccountKey=secret');
    vi.stubEnv('MODELOPS_ENVIRONMENT_FILE', '/etc/modelops/environment.yaml');
    vi.stubEnv('MODELOPS_HOME', '/home/secret');
    vi.stubEnv('DOCKER_CONFIG', '/etc/docker');
    vi.stubEnv('OMP_NUM_THREADS', '64');
    const host = await startHost({
      head: `import { readFileSync } from 'node:fs';`,
      simulate: `return { out: { env: [JSON.stringify(process.env)], stdin: [readFileSync(0, 'utf8')] } };`,
    });
    const { columns } = (await host.run(ONE_TASK)).outputs.out!;
    const env = JSON.parse(columns[0]!.values[0] as string) as Record<string, string>;
    const allowed = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH', 'SYSTEMROOT'];
    expect(Object.keys(env).filter((name) => !allowed.includes(name) && !/_THREADS$|^MODELOPS_PROCESS_MARK$/.test(name))).toEqual([]);
    expect(env).toMatchObject({
      PATH: process.env.PATH,
      OMP_NUM_THREADS: '1',
      OPENBLAS_NUM_THREADS: '1',
      MKL_NUM_THREADS: '1',
      NUMEXPR_NUM_THREADS: '1',
    });
    expect(columns[1]!.values[0]).toBe('');
  });
});
