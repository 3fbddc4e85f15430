import { isTerminal, type JobStatus } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { cancelJob } from './cancel-job.ts';
import { describeFailures } from './describe-failures.ts';
import { createJobDescriber } from './describe-job.ts';
import { readJobLogs } from './read-job-logs.ts';
import { resumeJob } from './resume-job.ts';
import { scaleJob } from './scale-job.ts';
import { syncJob } from './sync-job.ts';
import { deps, everything, JOB, MINUTE, type Mops, machine, openMops, openTeam, register, submit } from './testing/team.ts';
import { validateJob } from './validate-job.ts';

const linesOf = async (lines: AsyncIterable<string>) => {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
};
describe.each([
  ['another machine', machine('desktop')],
  ['another home on the same machine', machine('laptop', '/home/bob')],
])('a job that runs on a laptop, from %s', (_name, elsewhere) => {
  async function openBoth() {
    const team = openTeam();
    const [ada, bob] = [openMops(machine('laptop'), team), openMops(elsewhere, team)];
    await submit(ada);
    await ada.registry.transition(JOB, { to: 'running' });
    team.clock.now += 60 * MINUTE;
    return { team, ada, bob };
  }

  it('is shown as unknown, with where it runs', async () => {
    const { bob } = await openBoth();
    expect(await createJobDescriber(bob.opened)(JOB)).toMatchObject({
      status: 'running',
      engine: { phase: 'unknown', runs_on: 'host laptop (/home/ada)' },
      repair: 'none',
      elsewhere: 'host laptop (/home/ada)',
    });
  });

  it('is not ended by sync, validate or resume', async () => {
    const { team, ada, bob } = await openBoth();
    team.writes.length = 0;
    expect(await syncJob(JOB, everything, bob.opened)).toMatchObject({ status: 'running', engine: 'unknown', repair: 'none' });
    expect(await validateJob(JOB, { force: true }, bob.opened)).toMatchObject({ status: 'running', checked: false });
    await expect(resumeJob(JOB, { dryRun: false, width: { workers: 1 }, bundle: undefined }, bob.opened, deps)).rejects.toMatchObject({
      code: 'ILLEGAL_TRANSITION',
    });
    expect(team.writes).toEqual([]);
    expect(ada.engine.running).toEqual(new Set([1]));
  });

  it('has its logs on the other machine', async () => {
    const { ada, bob } = await openBoth();
    const all = { index: undefined, tail: undefined, attempt: undefined };
    expect(await linesOf(readJobLogs(JOB, all, ada.opened))).toEqual(['[0] line']);
    await expect(linesOf(readJobLogs(JOB, all, bob.opened))).rejects.toMatchObject({
      code: 'RESULT_NOT_FOUND',
      message: expect.stringContaining('host laptop (/home/ada)'),
    });
  });

  it('is cancelled through the store: its workers read the record, and no engine here is called', async () => {
    const { ada, bob } = await openBoth();
    expect(await cancelJob(JOB, bob.opened)).toEqual({
      job: JOB,
      before: 'running',
      status: 'cancelled',
      stops_on: 'host laptop (/home/ada)',
    });
    expect(bob.engine.stopped).toEqual([]);
    expect((await ada.registry.state(JOB)).status).toBe('cancelled');
    expect(await cancelJob(JOB, ada.opened)).toMatchObject({ stops_on: null });
    expect(ada.engine.stopped).toEqual([1]);
  });

  it('changes its number of workers only where they run', async () => {
    const { team, ada, bob } = await openBoth();
    team.writes.length = 0;
    await expect(scaleJob(JOB, 3, bob.opened)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: `the workers of ${JOB} run on host laptop (/home/ada)`,
    });
    // Its plan has four chunks, for workers with one slot each.
    expect(await scaleJob(JOB, 3, ada.opened)).toEqual({ job: JOB, before: 2, workers: 3, most: 4 });
    expect(await scaleJob(JOB, 100, ada.opened)).toEqual({ job: JOB, before: 3, workers: 4, most: 4 });
    expect(team.writes).toEqual([]);
    await cancelJob(JOB, ada.opened);
    await expect(scaleJob(JOB, 2, ada.opened)).rejects.toMatchObject({ code: 'CONFLICT', hint: `mops jobs resume ${JOB} --workers 2` });
  });

  it('is validated by its outputs after a take-over, and can then be resumed', async () => {
    const { ada, bob } = await openBoth();
    expect(await syncJob(JOB, { ...everything, takeOver: true }, bob.opened)).toMatchObject({ before: 'running', status: 'failed' });
    const resumed = await resumeJob(JOB, { dryRun: false, width: { workers: 1 }, bundle: undefined }, bob.opened, deps);
    expect(resumed).toMatchObject({ attempt: 2, tasks: 4 });
    expect((await ada.registry.state(JOB)).attempts.map(({ owner }) => owner)).toEqual([elsewhere, elsewhere]);
    expect(bob.engine.running).toEqual(new Set([2]));
  });
});

describe('read-only commands', () => {
  it.each<[string, (mops: Mops) => Promise<void>]>([
    ['a submission that died', async (mops) => void (await register(mops))],
    [
      'workers that died',
      async (mops) => {
        await submit(mops);
        mops.engine.running.clear();
      },
    ],
  ])('for %s write nothing, and report the repair', async (_name, leave) => {
    const team = openTeam();
    const ada = openMops(machine('laptop'), team);
    await leave(ada);
    team.clock.now += 60 * MINUTE;
    team.writes.length = 0;
    const report = await createJobDescriber(ada.opened)(JOB);
    expect(['abandon', 'validate']).toContain(report.repair);
    await describeFailures(JOB, ada.opened);
    const listed: JobStatus[] = [];
    for await (const { status } of ada.registry.list({ status: ['pending', 'scheduled'] })) listed.push(status);
    expect(listed).toHaveLength(1);
    expect(team.writes).toEqual([]);
    expect(isTerminal((await syncJob(JOB, everything, ada.opened)).status)).toBe(true);
  });
});
