import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openCluster } from './open-cluster.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'mops-kube-'));
  vi.stubEnv('HOME', home);
  vi.stubEnv('KUBECONFIG', undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

describe('the cluster of a kubeconfig', () => {
  it('is CONFIG_INVALID without a kubeconfig', async () => {
    await expect(openCluster()).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: 'kubeconfig not found' });
  });

  it('lists the existing contexts when one is not found', async () => {
    const file = join(home, 'config');
    const config = {
      clusters: [{ name: 'lab', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'me', user: {} }],
      contexts: [{ name: 'team', context: { cluster: 'lab', user: 'me' } }],
    };
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'Config', 'current-context': 'team', ...config }));
    vi.stubEnv('KUBECONFIG', file);
    await expect(openCluster({ context: 'epi' })).rejects.toMatchObject({ code: 'CONFIG_INVALID', hint: 'use one of team' });
  });
});
