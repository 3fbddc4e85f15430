import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { summariseDataset } from './cluster/dataset.ts';
import { useTeam } from './cluster/team.ts';

const MODEL = 'modelops.yaml:Seir';
const TARGET = 'targets/prevalence.ts:prevalence';

describe.skipIf(inject('lab') === null)('a command on a real cluster', () => {
  const team = useTeam({ example: 'command-awk' });

  it('runs in pods as an executable of the project, with the same tasks and results as on the laptop, and reports its failures', async () => {
    const { dir, store } = team.laptop();
    const edit = (file: string, change: (text: string) => string) =>
      writeFileSync(join(dir, file), change(readFileSync(join(dir, file), 'utf8')));
    // The worker's image has no awk: the project brings its own.
    mkdirSync(join(dir, 'bin'));
    cpSync(realpathSync(execFileSync('sh', ['-c', 'command -v awk'], { encoding: 'utf8' }).trim()), join(dir, 'bin/awk'));
    edit('modelops.yaml', (text) => text.replace('command: awk', 'command: ./bin/awk'));
    edit('seir.awk', (text) =>
      text.replace('BEGIN {', 'BEGIN {\n  if (gamma > 0.4) { print "error: gamma is " gamma > "/dev/stderr"; exit 3 }'),
    );
    await team.ok('modelops-bundle', 'init', 'epi-sim', '--env', 'team');
    await team.ok('modelops-bundle', 'register-model', 'modelops.yaml');
    await team.ok('modelops-bundle', 'register-target', TARGET);
    const design = ['--n-samples', '16', '--n-replicates', '5', '--targets', TARGET];
    await team.ok('cb', 'sampling', 'sobol', MODEL, ...design, '--output', 'study.json');

    const cluster = await team.submit('--wait', '--timeout', '600');
    expect(cluster).toMatchObject({ status: 'partial', status_code: 10, tasks: { total: 80, new: 80, reused: 0 } });
    const { status, stdout } = await team.run('mops', 'jobs', 'failures', cluster.job, '--env', 'team');
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/^\d+ tasks: ExitStatus: .*awk exited with status 3: error: gamma is 0\.4/m),
    ]);
    expect(stdout).toMatch(/where gamma > 0\.\d+: .* \(purity 100 %\)/);

    const config = join(dir, '.modelops-bundle/config.yaml');
    writeFileSync(config, readFileSync(config, 'utf8').replace(`${inject('lab')!.registry}/`, 'local/'));
    const local = await team.laptop().json<typeof cluster>('mops', 'jobs', 'submit', 'study.json', '--env', 'local', '--wait');
    expect(local).toMatchObject({ status: 'partial', bundle_ref: cluster.bundle_ref });
    expect(await summariseDataset(await team.mirror(), 'prevalence')).toEqual(await summariseDataset(store, 'prevalence'));
  });
});
