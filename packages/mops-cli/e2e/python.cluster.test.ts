import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeWheel } from '@modelops/model-host/testing';
import { describe, expect, inject, it } from 'vitest';
import { summariseDataset } from './cluster/dataset.ts';
import { nodeVolume } from './cluster/node-volume.ts';
import { useTeam } from './cluster/team.ts';

const MODEL = 'models/seir.py:stochastic_seir';
const TARGET = 'targets/prevalence.py:prevalence';

describe.skipIf((inject('lab')?.pythonImage ?? null) === null)('a Python model on a real cluster', () => {
  const team = useTeam({ example: 'seir-python', image: (lab) => lab.pythonImage! });

  it('runs in pods without a package index, with the same tasks, losses and results as on the laptop', async () => {
    const { dir, store, env } = team.laptop();
    const wheel = makeWheel('tiny', '1.0', 'share = 1.0');
    // The laptop's index; pods have none.
    const index = { PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheel.folder, UV_OFFLINE: '1', UV_FIND_LINKS: wheel.folder };
    Object.assign(env, index);
    writeFileSync(join(dir, 'requirements.txt'), 'tiny\n');
    const file = join(dir, 'models/seir.py');
    writeFileSync(file, `import tiny\n${readFileSync(file, 'utf8')}`);
    await team.ok('modelops-bundle', 'init', 'epi-sim', '--env', 'team');
    await team.ok('modelops-bundle', 'register-model', 'models/seir.py');
    await team.ok('modelops-bundle', 'register-target', TARGET);
    const design = ['--n-samples', '16', '--n-replicates', '5', '--targets', TARGET];
    await team.ok('cb', 'sampling', 'sobol', MODEL, ...design, '--output', 'study.json');
    expect(await team.ok('modelops-bundle', 'push', '--freeze-wheels', '--env', 'team')).toContain(
      '1 wheel: workers need no package index',
    );
    for (const name in index) delete env[name];

    const cluster = await team.submit('--wait', '--timeout', '600');
    expect(cluster).toMatchObject({ status: 'succeeded', status_code: 0, tasks: { total: 80, new: 80, reused: 0 } });
    expect(await team.ok('mops', 'jobs', 'logs', cluster.job, '--env', 'team')).toContain('1 packages, from frozen wheels');

    const config = join(dir, '.modelops-bundle/config.yaml');
    writeFileSync(config, readFileSync(config, 'utf8').replace(`${inject('lab')!.registry}/`, 'local/'));
    const local = await team.laptop().json<typeof cluster>('mops', 'jobs', 'submit', 'study.json', '--env', 'local', '--wait');
    expect(local).toMatchObject({ status: 'succeeded', bundle_ref: cluster.bundle_ref });
    const there = await summariseDataset(await team.mirror(), 'prevalence');
    expect(there).toMatchObject({ tasks: 80, written: 80 });
    expect(there).toEqual(await summariseDataset(store, 'prevalence'));
  });

  it('has one environment for all pods of a node, in the volume of a claim', async () => {
    const { dir, home, env } = team.laptop();
    const wheel = makeWheel('tiny', '1.0', 'share = 1.0');
    Object.assign(env, { PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheel.folder, UV_OFFLINE: '1', UV_FIND_LINKS: wheel.folder });
    writeFileSync(join(dir, 'requirements.txt'), 'tiny\n');
    const file = join(dir, 'models/seir.py');
    // Long enough that the pods work at the same time.
    const slow = readFileSync(file, 'utf8').replace('    infected = []\n', '    infected = []\n    time.sleep(0.05)\n');
    writeFileSync(file, `import time\nimport tiny\n${slow}`);
    const volume = await nodeVolume(team.namespace, inject('lab')!.nodeImage);
    try {
      const environment = join(home, 'bundle-env/team.yaml');
      writeFileSync(
        environment,
        readFileSync(environment, 'utf8').replace(/^cluster:\n/m, `cluster:\n  environments_claim: ${volume.claim}\n`),
      );
      await team.ok('modelops-bundle', 'init', 'epi-sim', '--env', 'team');
      await team.ok('modelops-bundle', 'register-model', 'models/seir.py');
      await team.ok('modelops-bundle', 'push', '--freeze-wheels', '--env', 'team');
      const builders = async (replicates: number) => {
        const design = ['--n-samples', '16', '--n-replicates', String(replicates), '--output', 'study.json', '--force'];
        await team.ok('cb', 'sampling', 'sobol', MODEL, ...design);
        const { job, status } = await team.submit('--wait', '--timeout', '600');
        expect(status).toBe('succeeded');
        const logs = await team.ok('mops', 'jobs', 'logs', job, '--env', 'team');
        return { pods: (await team.podsOf(job)).length, built: logs.match(/building the Python/g)?.length ?? 0 };
      };
      expect(await builders(10)).toEqual({ pods: 3, built: 1 });
      expect(await builders(20)).toEqual({ pods: 3, built: 0 });
    } finally {
      await volume.remove();
    }
  });

  it('is rejected before submission if its packages are those of the active interpreter', async () => {
    await team.ok('modelops-bundle', 'init', 'epi-sim', '--env', 'team');
    await team.ok('modelops-bundle', 'register-model', 'models/seir.py', '--python', 'active');
    await team.ok('cb', 'sampling', 'sobol', MODEL, '--n-samples', '2', '--output', 'study.json');
    const { status, stderr } = await team.run('mops', 'jobs', 'submit', 'study.json', '--env', 'team');
    expect([status, stderr]).toEqual([2, expect.stringContaining('modelops-bundle push --python lock')]);
  });
});
