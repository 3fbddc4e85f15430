import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { auditLog, writesSince } from './cluster/audit.ts';
import { summariseDataset } from './cluster/dataset.ts';
import { killContainer } from './cluster/kill-container.ts';
import { until } from './cluster/kubectl.ts';
import { useTeam } from './cluster/team.ts';
import { programFile } from './laptop.ts';

interface Losses {
  readonly losses: readonly { readonly param_id: string; readonly loss: number; readonly n_replicates: number }[];
}

/** Tasks of the chunks in which a worker died, from the logs of the workers that continued them. */
function computedAgain(logs: string): number {
  const crashed = [...logs.matchAll(/chunk (\d+): its worker died in it/g)].map(([, chunk]) => chunk);
  const computed = new Map([...logs.matchAll(/chunk (\d+): (\d+) computed/g)].map(([, chunk, tasks]) => [chunk, Number(tasks)]));
  return crashed.reduce((sum, chunk) => sum + (computed.get(chunk) ?? 0), 0);
}

describe.skipIf(inject('lab') === null)('jobs on a real cluster', () => {
  const team = useTeam();
  const lossesOf = async (job: string, env: string) =>
    (await team.laptop().json<Losses>('mops', 'results', 'losses', job, '--env', env)).losses;

  it('runs the example from a nested repository, with the same tasks, losses and results as on the laptop', async () => {
    await team.prepareExample('team/nested/epi-sim', 32, 20);
    const cluster = await team.submit('--wait', '--timeout', '600');
    expect(cluster).toMatchObject({ status: 'succeeded', status_code: 0, tasks: { total: 640, new: 640, reused: 0 } });
    expect(cluster.bundle_ref).toMatch(/^team\/nested\/epi-sim@sha256:[0-9a-f]{64}$/);

    const bundle = cluster.bundle_ref.split('@')[1]!;
    // A project is bound to one registry; on the laptop, to the local one.
    const config = join(team.laptop().dir, '.modelops-bundle/config.yaml');
    writeFileSync(config, readFileSync(config, 'utf8').replace(`${inject('lab')!.registry}/`, 'local/'));
    const local = await team.laptop().json<typeof cluster>('mops', 'jobs', 'submit', 'study.json', '--env', 'local', '--wait');
    expect(local).toMatchObject({ status: 'succeeded', bundle_ref: expect.stringContaining(bundle) });
    const there = await summariseDataset(await team.mirror(), 'prevalence');
    expect(there).toMatchObject({ tasks: 640, written: 640 });
    expect(there).toEqual(await summariseDataset(team.laptop().store, 'prevalence'));
    const comparable = async (job: string, env: string) =>
      (await lossesOf(job, env)).map(({ param_id, loss, n_replicates }) => ({ param_id, loss, n_replicates }));
    expect(await comparable(cluster.job, 'team')).toEqual(await comparable(local.job, 'local'));

    const logs = await team.ok('mops', 'jobs', 'logs', cluster.job, '--env', 'team');
    expect(logs).toMatch(/\[[012]\] .*chunk \d+: \d+ computed/);
  });

  it('submits 128,000 tasks with at most ten writes to the API, and loses no task when their number changes and when pods die', async () => {
    await team.prepareExample('epi-sim', 256, 500);
    const before = new Date();
    const { job, tasks } = await team.submit();
    expect(tasks.total).toBe(128_000);
    const log = auditLog(process.env);
    if (log !== undefined) {
      const writes = await writesSince(log, before);
      console.warn(`writes of a submit of 128,000 tasks: ${writes.length}`);
      expect(writes.length).toBeGreaterThan(0);
      expect(writes.length).toBeLessThanOrEqual(10);
    }
    await team.workersBusy(job, { pods: 3, chunks: 2 });
    const scale = (workers: number) => team.laptop().json('mops', 'jobs', 'scale', job, '--workers', String(workers), '--env', 'team');
    expect(await scale(2)).toMatchObject({ job, before: 3, workers: 2, status_code: 0 });
    await until(
      () => team.podsOf(job),
      (pods) => pods.length === 2,
      120,
    );
    expect(await scale(3)).toMatchObject({ before: 2, workers: 3, status_code: 0 });
    const [first, ...others] = await team.workersBusy(job, { pods: 3, chunks: 4 });
    // A deleted pod has a grace period to write its results; a killed one has none.
    expect(killContainer(first!.metadata.uid)).toBeGreaterThan(0);
    await team.killPods(others.slice(0, 2));
    expect((await team.run('mops', 'jobs', 'wait', job, '--timeout', '600', '--env', 'team')).status).toBe(0);
    const { tasks: kept, written } = await summariseDataset(await team.mirror(), 'prevalence');
    const again = computedAgain(await team.ok('mops', 'jobs', 'logs', job, '--env', 'team'));
    console.warn(`two pods deleted and one killed: at most ${again} of ${kept} tasks computed twice, ${written - kept} written twice`);
    expect(kept).toBe(128_000);
    const losses = await lossesOf(job, 'team');
    expect(losses.length).toBe(256);
    expect(new Set(losses.map(({ param_id }) => param_id)).size).toBe(256);
    expect(losses.every(({ n_replicates }) => n_replicates === 500)).toBe(true);
  });

  it('finishes a job whose submitting process was killed, with nothing left for sync', async () => {
    await team.prepareExample('epi-sim', 32, 20);
    const args = [programFile('mops'), 'jobs', 'submit', 'study.json', '--env', 'team', '--wait'];
    const { dir, home } = team.laptop();
    const child = spawn(process.execPath, args, {
      cwd: dir,
      env: { ...process.env, MODELOPS_HOME: home },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let talk = '';
    for await (const piece of child.stderr.setEncoding('utf8')) {
      talk += piece as string;
      if (/job-[a-z0-9]+: 640 tasks/.test(talk)) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    const job = /job-[a-z0-9]+/.exec(talk)![0];
    const store = await team.objects();
    const recorded = async () =>
      JSON.parse(Buffer.from((await store.get(`jobs/${job}/state.json`))!.bytes).toString()) as { status: string; updated_at: string };
    const state = await until(recorded, ({ status }) => status === 'succeeded', 600);
    await team.ok('mops', 'jobs', 'sync', '--env', 'team');
    expect(await recorded()).toEqual(state);
  });
});
