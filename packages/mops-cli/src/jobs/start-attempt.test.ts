import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { keys } from '@modelops/contracts';
import { formatProcess, identifyProcess } from '@modelops/system';
import { describe, expect, it } from 'vitest';
import { createJobDescriber } from './describe-job.ts';
import { planEverything } from './plan-groups.ts';
import { resumeJob } from './resume-job.ts';
import { startAttempt } from './start-attempt.ts';
import { syncJob } from './sync-job.ts';
import { deps, everything, JOB, job, MINUTE, type Mops, machine, openMops, openTeam, register, submit, type Team } from './testing/team.ts';

describe('a submission', () => {
  /** A submission whose division takes until the test ends it. */
  async function openSlow(team: Team) {
    const ada = openMops(machine('laptop'), team);
    await register(ada);
    const submission = await ada.registry.transition(JOB, { to: 'submitting' }, { submitter: ada.opened.machine });
    let finish = () => {};
    const divided = new Promise<void>((resolve) => (finish = resolve));
    const divide = () => divided.then(() => planEverything(job));
    const started = startAttempt(job, { n: 1, submission, divide, width: { workers: 1 } }, { ...ada.opened, renewEveryMs: 5 });
    started.catch(() => undefined);
    return { ada, started, finish };
  }

  const untilRenewed = async ({ registry }: Mops, at: number) => {
    while (Date.parse((await registry.state(JOB)).updated_at) < at) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('that is slow renews its record, and is not repaired', async () => {
    const team = openTeam();
    const { ada, started, finish } = await openSlow(team);
    for (let minutes = 0; minutes < 3; minutes++) {
      team.clock.now += 2 * MINUTE;
      await untilRenewed(ada, team.clock.now);
      expect(await syncJob(JOB, everything, ada.opened)).toMatchObject({ status: 'submitting', repair: 'none' });
    }
    finish();
    expect(await started).toMatchObject({ state: { status: 'scheduled' }, n: 1 });
    expect(ada.engine.running).toEqual(new Set([1]));
  });

  it('that stopped renewing is ended only by its own machine, and starts nothing when it continues', async () => {
    const team = openTeam();
    const [ada, bob] = [openMops(machine('laptop'), team), openMops(machine('desktop'), team)];
    await register(ada);
    const submission = await ada.registry.transition(JOB, { to: 'submitting' }, { submitter: ada.opened.machine });
    team.clock.now += 2 * MINUTE;
    expect(await syncJob(JOB, everything, bob.opened)).toMatchObject({
      status: 'submitting',
      repair: 'none',
      elsewhere: 'host laptop (/home/ada)',
    });
    expect(await syncJob(JOB, everything, ada.opened)).toMatchObject({ status: 'failed', repair: 'abandon' });
    const resumed = await resumeJob(JOB, { dryRun: false, width: { workers: 1 }, bundle: undefined }, ada.opened, deps);
    expect(resumed).toMatchObject({ attempt: 1 });
    const divide = async () => planEverything(job);
    await expect(startAttempt(job, { n: 1, submission, divide, width: { workers: 1 } }, bob.opened)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(bob.engine.running.size).toBe(0);
    expect(await ada.registry.state(JOB)).toMatchObject({ status: 'scheduled', attempts: [{ n: 1 }] });
  });

  it('that is replaced by another between its plan and its workers starts nothing', async () => {
    const team = openTeam();
    const [ada, other] = [openMops(machine('laptop'), team), openMops(machine('laptop'), team)];
    await register(ada);
    const submission = await ada.registry.transition(JOB, { to: 'submitting' }, { submitter: ada.opened.machine });
    // The owner is looked up after the plan was written and before the attempt begins.
    const owner = async () => {
      team.clock.now += 2 * MINUTE;
      expect(await syncJob(JOB, everything, other.opened)).toMatchObject({ status: 'failed', repair: 'abandon' });
      await other.registry.transition(JOB, { reopen: 'resume' }, { submitter: other.opened.machine });
      return machine('laptop');
    };
    const opened = { ...ada.opened, engine: { ...ada.engine, owner } };
    const divide = async () => planEverything(job);
    await expect(startAttempt(job, { n: 1, submission, divide, width: { workers: 1 } }, opened)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(ada.engine.running.size).toBe(0);
    expect(await ada.registry.state(JOB)).toMatchObject({ status: 'submitting', attempts: [] });
  });

  it('that died is resumed at once, with the reason in the history', async () => {
    const team = openTeam();
    const ada = openMops(machine('laptop'), team);
    await register(ada);
    team.clock.now += 2 * MINUTE;
    expect(await resumeJob(JOB, { dryRun: false, width: { workers: 1 }, bundle: undefined }, ada.opened, deps)).toMatchObject({
      attempt: 1,
      tasks: 4,
    });
    const { history } = await ada.registry.state(JOB);
    expect(history.map(({ reason }) => reason).join()).toMatch(/submission stopped before any worker started/);
  });

  it('whose process was killed is resumed without waiting, but not while the process is alive', async () => {
    const team = openTeam();
    const child = spawn('sleep', ['1000']);
    const process = formatProcess(identifyProcess(child.pid!));
    const [ada, bob] = [openMops({ ...machine('laptop'), process }, team), openMops(machine('laptop'), team)];
    await register(ada);
    await ada.registry.transition(JOB, { to: 'submitting' }, { submitter: ada.opened.machine });
    const resume = () => resumeJob(JOB, { dryRun: false, width: { workers: 1 }, bundle: undefined }, bob.opened, deps);
    await expect(resume()).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await createJobDescriber(bob.opened)(JOB)).toMatchObject({ status: 'submitting', repair: 'abandon' });
    expect(await resume()).toMatchObject({ attempt: 1, tasks: 4 });
  });

  it('that is interrupted before its workers start fails, and can be resumed', async () => {
    const team = openTeam();
    const ada = openMops(machine('laptop'), team);
    await register(ada);
    const submission = await ada.registry.transition(JOB, { to: 'submitting' });
    const divide = async () => planEverything(job);
    await expect(
      startAttempt(job, { n: 1, submission, divide, width: { workers: 1 }, signal: AbortSignal.abort() }, ada.opened),
    ).rejects.toMatchObject({ code: 'INTERRUPTED', hint: `mops jobs resume ${JOB}` });
    expect(ada.engine.running.size).toBe(0);
    expect(await ada.registry.state(JOB)).toMatchObject({ status: 'failed', attempts: [] });
    expect(await resumeJob(JOB, { dryRun: false, width: { workers: 1 }, bundle: undefined }, ada.opened, deps)).toMatchObject({
      attempt: 2,
    });
  });
});

describe('the plan of an attempt', () => {
  it('is never overwritten: the next number is taken', async () => {
    const team = openTeam();
    const ada = openMops(machine('laptop'), team);
    const left = new TextEncoder().encode('{"schema_version":1}');
    await team.objects.put(keys.plan(JOB, 1), left);
    expect(await submit(ada)).toMatchObject({ n: 2 });
    expect((await team.objects.get(keys.plan(JOB, 1)))!.bytes).toEqual(left);
    expect(await ada.registry.state(JOB)).toMatchObject({ attempts: [{ n: 2, owner: machine('laptop'), k8s_name: 'attempt-2' }] });
  });
});
