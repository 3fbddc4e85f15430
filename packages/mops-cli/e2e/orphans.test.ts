import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type JobStatus, localEnvironment, parseJobId } from '@modelops/contracts';
import { createJobRegistry, openObjectStore } from '@modelops/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';
import { ended, startMops } from './tiny/processes.ts';
import { writeTiny } from './tiny/project.ts';

const TIMEOUT = 300_000;
const MINUTE = 60_000;
let laptop: Laptop;

beforeEach(async () => {
  laptop = openLaptop();
  await writeTiny(laptop, { xs: [1, 2, 3] });
}, TIMEOUT);
afterEach(() => laptop.remove(), TIMEOUT);

interface Synced {
  readonly jobs: readonly { readonly job: string; readonly before: JobStatus; readonly status: JobStatus; readonly repair: string }[];
}

interface Settled {
  readonly status: JobStatus;
}

describe('a job whose owner died', { timeout: TIMEOUT }, () => {
  it('is ended by sync in any state', async () => {
    const first = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--wait');
    const objects = await openObjectStore(localEnvironment(laptop.home).storage);
    const registry = createJobRegistry(objects, { now: () => new Date(Date.now() - 5 * MINUTE) });
    const spec = await registry.spec(parseJobId(first.job));
    const { tasks_total, expected_outputs } = await registry.state(parseJobId(first.job));
    /** A job whose owner died: the transitions that it had made, and whether its attempt was recorded. */
    const leave = async (id: string, path: readonly JobStatus[], hasAttempt: boolean) => {
      const job_id = parseJobId(id);
      await registry.register({ ...spec, job_id }, { tasks_total, expected_outputs });
      const attempt = { n: 1, engine: 'local', owner: null, namespace: null, tasks: 6, started_at: '' };
      if (hasAttempt) await registry.beginAttempt(job_id, attempt, { moves: 0 });
      for (const to of path) await registry.transition(job_id, { to });
    };
    await leave('job-a1pending', [], false);
    await leave('job-a2submitting', ['submitting'], false);
    await leave('job-a3registered', ['submitting'], true);
    await leave('job-a4scheduled', ['submitting', 'scheduled'], true);
    await leave('job-a5running', ['submitting', 'scheduled', 'running'], true);
    await leave('job-a6validating', ['submitting', 'scheduled', 'running', 'validating'], true);

    const { jobs } = await laptop.json<Synced>('mops', 'jobs', 'sync');
    expect(jobs.map(({ job, before, status, repair }) => [job, before, status, repair]).sort()).toEqual([
      ['job-a1pending', 'pending', 'failed', 'abandon'],
      ['job-a2submitting', 'submitting', 'failed', 'abandon'],
      ['job-a3registered', 'submitting', 'succeeded', 'validate'],
      ['job-a4scheduled', 'scheduled', 'succeeded', 'validate'],
      ['job-a5running', 'running', 'succeeded', 'validate'],
      ['job-a6validating', 'validating', 'succeeded', 'validate'],
    ]);
    expect(await laptop.json('mops', 'jobs', 'sync')).toMatchObject({ jobs: [], changed: 0 });
    expect(await laptop.json('mops', 'jobs', 'resume', 'job-a1pending')).toMatchObject({ tasks: 0, status: 'succeeded' });
  });

  it.each([
    ['the spec is written', () => inJob(({ names }) => names.includes('spec.json'))],
    ['the record is written', () => inJob(({ names }) => names.includes('state.json'))],
    ['the plan is written', () => inJob(({ plan }) => plan)],
    ['the engine was called', () => existsSync(join(laptop.home, 'engine')) && readdirSync(join(laptop.home, 'engine')).length > 0],
  ])('because its submitter was killed when %s is ended or taken over, and completes', async (_name, isTime) => {
    const submitter = startMops(laptop, ['jobs', 'submit', 'tiny.json']);
    while (submitter.exitCode === null && !isTime()) await new Promise((resolve) => setImmediate(resolve));
    submitter.kill('SIGKILL');
    await ended(submitter);
    const [job] = readdirSync(join(laptop.store, 'jobs'));
    // Its process is known to have ended, so no timeout is needed.
    await laptop.json<Synced>('mops', 'jobs', 'sync');
    const { jobs } = await laptop.json<{ jobs: { status: JobStatus }[] }>('mops', 'jobs', 'list');
    // Killed between the spec and the record: there is no job yet, and its remains do no harm.
    if (jobs.length === 0) {
      expect(await laptop.json('mops', 'jobs', 'submit', 'tiny.json', '--wait')).toMatchObject({ status: 'succeeded' });
      return;
    }
    const { status } = jobs[0]!;
    console.log(`left ${status}`);
    expect(status).not.toMatch(/pending|submitting/);
    // A start that began is given its time: `wait` ends the job if no supervisor has appeared by then.
    const settled = status === 'scheduled' ? await laptop.json<Settled>('mops', 'jobs', 'wait', job!) : { status };
    const last = settled.status === 'failed' || settled.status === 'partial' ? ['resume', job!, '--wait'] : ['wait', job!];
    expect(await laptop.json('mops', 'jobs', ...last)).toMatchObject({ status: 'succeeded', status_code: 0 });
  });
});

function inJob(isTime: (job: { readonly names: readonly string[]; readonly plan: boolean }) => boolean): boolean {
  const jobs = join(laptop.store, 'jobs');
  const [job] = existsSync(jobs) ? readdirSync(jobs) : [];
  return job !== undefined && isTime({ names: readdirSync(join(jobs, job)), plan: existsSync(join(jobs, job, 'attempts/1/plan.json')) });
}
