import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import type { KubeJob } from '../src/engines/kubernetes/objects.ts';
import { readRows } from './cluster/dataset.ts';
import { killContainer } from './cluster/kill-container.ts';
import { evict, kubectl, kubectlApply, kubectlJson, until } from './cluster/kubectl.ts';
import { useTeam } from './cluster/team.ts';

/** Uses `x` × 800 MiB. */
const HUNGRY = `import { defineModel, float } from '@modelops/sdk';
export const M = defineModel({
  parameters: { x: float(0, 10) },
  outputs: ['held'],
  simulate: ({ x }) => {
    const held: Uint8Array[] = [];
    for (let i = 0; i < x * 100; i++) held.push(new Uint8Array(8 << 20).fill(1));
    return { held: { pieces: Float64Array.of(held.length) } };
  },
});
`;
const AT_TASK = 'at the task that takes the worker down';
/** Announces that it is at `x` = 9, and waits there to be killed. */
const STUCK = `import { writeSync } from 'node:fs';
import { defineModel, float } from '@modelops/sdk';
export const M = defineModel({
  parameters: { x: float(0, 10) },
  outputs: ['out'],
  simulate: ({ x }) => {
    if (x === 9) { writeSync(2, '${AT_TASK}\\n'); for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); }
    return { out: { x: Float64Array.of(x) } };
  },
});
`;
/** Sleeps for 100 ms. */
const SLOW = `import { defineModel, float } from '@modelops/sdk';
export const M = defineModel({
  parameters: { x: float(0, 10) },
  outputs: ['out'],
  simulate: ({ x }) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    return { out: { x: Float64Array.of(x) } };
  },
});
`;
const VALUES = [0, 0.01, 0.02, 9, 0.03, 0.04, 0.05, 0.06];

describe.skipIf(inject('lab') === null)('trouble on a real cluster', () => {
  const team = useTeam();

  it('records a task as out of memory, and finishes the others', async () => {
    await team.prepareModel(HUNGRY, VALUES);
    const { job, status, status_code } = await team.submit('--wait', '--timeout', '600', '--workers', '2');
    expect({ status, status_code }).toEqual({ status: 'partial', status_code: 10 });
    const { failures, progress } = await team.statusOf(job);
    expect(progress.done).toBe(7);
    expect(failures).toMatchObject([{ count: 1, message: expect.stringMatching(/out of memory/) }]);
    console.warn(`out of memory: ${failures[0]!.type}: ${failures[0]!.message}`);
    expect(failures[0]!.message).toMatch(/limit 512 MiB/);
  });

  it('records a task that kills its whole worker, and finishes the others, also those of its chunk', async () => {
    // Chunks of three sets: the one in the middle of a chunk never ends.
    await team.prepareModel(
      STUCK,
      Array.from({ length: 96 }, (_, k) => (k === 49 ? 9 : k / 100)),
    );
    const { job } = await team.submit('--workers', '1');
    const killed = new Set<string>();
    /** Kills each worker that runs the task. */
    const killAtTask = async () => {
      for (const { metadata, status } of await team.podsOf(job)) {
        if (status.phase !== 'Running' || killed.has(metadata.uid)) continue;
        const output = await kubectl('logs', metadata.name, '--namespace', team.namespace).catch(() => '');
        if (!output.includes(AT_TASK)) continue;
        killed.add(metadata.uid);
        expect(killContainer(metadata.uid)).toBeGreaterThan(0);
      }
      return killed.size;
    };
    await until(killAtTask, (count) => count === 2);
    expect((await team.run('mops', 'jobs', 'wait', job, '--timeout', '600', '--env', 'team')).status).toBe(10);
    const { failures, progress } = await team.statusOf(job);
    expect(progress.done).toBe(95);
    expect(failures).toMatchObject([{ count: 1, message: expect.stringMatching(/whole worker was killed twice/) }]);
    console.warn(`whole worker: ${failures[0]!.type}: ${failures[0]!.message}`);
  });

  it('restarts evicted workers without counting it, and computes nothing twice', async () => {
    const file = join(team.laptop().home, 'bundle-env/team.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('cluster:', 'cluster:\n  restarts: 0'));
    await team.prepareModel(
      SLOW,
      Array.from({ length: 300 }, (_, k) => k / 40),
    );
    const { job } = await team.submit('--workers', '2');
    const first = await team.workersBusy(job, { pods: 2, chunks: 2 });
    for (const { metadata } of first) await evict(metadata.name, team.namespace);
    expect((await team.run('mops', 'jobs', 'wait', job, '--timeout', '600', '--env', 'team')).status).toBe(0);

    const { status } = await kubectlJson<KubeJob>('get', 'job', job, '--namespace', team.namespace);
    expect({ failed: 0, failedIndexes: '', ...status }).toMatchObject({ failed: 0, failedIndexes: '' });
    const evicted = first.map(({ metadata }) => metadata.uid);
    const second = (await team.podsOf(job)).filter(({ metadata }) => !evicted.includes(metadata.uid));
    expect(second).toHaveLength(2);
    const rows = await readRows(await team.mirror(), 'out');
    expect(rows.map(({ x }) => x).sort()).toEqual(Array.from({ length: 300 }, (_, k) => k / 40).sort());
  });

  it('reports an image that cannot be pulled in wait and status, and leaves no pods after a cancel', async () => {
    await team.infraUp('--image', `${inject('lab')!.registry}/modelops/none:1`);
    await team.prepareExample('epi-sim', 4, 2);
    const { job } = await team.submit();
    await until(
      () => team.statusOf(job),
      ({ engine }) => engine?.problems.some(({ message }) => message.includes('modelops/none:1')) === true,
    );
    expect(await team.ok('mops', 'jobs', 'status', job, '--env', 'team')).toMatch(/ImagePull/);
    const waited = await team.run('mops', 'jobs', 'wait', job, '--timeout', '10', '--env', 'team');
    expect(waited).toMatchObject({ status: 13, stderr: expect.stringMatching(/ImagePull.*modelops\/none:1/) });
    await team.ok('mops', 'jobs', 'cancel', job, '--env', 'team');
    expect((await team.statusOf(job)).status).toBe('cancelled');
    expect(await team.podsOf(job)).toEqual([]);
  });

  it('reports a quota of 0 pods, and leaves no pods after a cancel', async () => {
    const quota = { name: 'none', namespace: team.namespace };
    await kubectlApply({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: quota, spec: { hard: { pods: '0' } } });
    await until(
      () => kubectl('get', 'resourcequota', 'none', '--namespace', team.namespace, '--output', 'jsonpath={.status.hard.pods}'),
      (hard) => hard === '0',
    );
    try {
      await team.prepareExample('epi-sim', 4, 2);
      const { job } = await team.submit();
      const { engine } = await until(
        () => team.statusOf(job),
        ({ engine: seen }) => (seen?.problems.length ?? 0) > 0,
      );
      expect(engine!.problems).toEqual([{ reason: 'FailedCreate', message: expect.stringContaining('exceeded quota: none') }]);
      await team.ok('mops', 'jobs', 'cancel', job, '--env', 'team');
      expect((await team.statusOf(job)).status).toBe('cancelled');
      await kubectl('delete', 'resourcequota', 'none', '--namespace', team.namespace);
      // Nothing is left that would create pods once the quota is deleted.
      expect(await kubectl('get', 'jobs,pods', '--namespace', team.namespace, '--selector', `modelops.io/job=${job}`)).toBe('');
    } finally {
      await kubectl('delete', 'resourcequota', 'none', '--namespace', team.namespace, '--ignore-not-found');
    }
  });

  it('reports a job that the cluster refuses to start, and resumes it once the cause is fixed', async () => {
    const quota = { name: 'no-jobs', namespace: team.namespace };
    await kubectlApply({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: quota, spec: { hard: { 'count/jobs.batch': '0' } } });
    await until(
      () => kubectl('get', 'resourcequota', quota.name, '--namespace', team.namespace, '--output', 'jsonpath={.status.hard}'),
      (hard) => hard !== '',
    );
    await team.prepareExample('epi-sim', 4, 2);
    const refused = await team.run('mops', 'jobs', 'submit', 'study.json', '--env', 'team');
    await kubectl('delete', 'resourcequota', quota.name, '--namespace', team.namespace);
    expect(refused).toMatchObject({ status: 4, stderr: expect.stringContaining('exceeded quota: no-jobs') });
    const [, job = ''] = /hint: .*mops jobs resume (job-\w+)/.exec(refused.stderr) ?? [];
    expect((await team.statusOf(job)).status).toBe('failed');
    await team.ok('mops', 'jobs', 'resume', job, '--env', 'team', '--wait', '--timeout', '600');
    expect((await team.statusOf(job)).status).toBe('succeeded');
  });
});
