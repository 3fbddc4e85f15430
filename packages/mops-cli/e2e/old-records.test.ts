import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';
import { writeTiny } from './tiny/project.ts';

const TIMEOUT = 300_000;
let laptop: Laptop;
beforeEach(() => {
  laptop = openLaptop();
});
afterEach(() => laptop.remove(), TIMEOUT);

const jobs = (...args: string[]) => laptop.run('mops', 'jobs', ...args);
const stateFile = (job: string) => join(laptop.store, 'jobs', job, 'state.json');
const golden = (name: string) => readFileSync(new URL(`../../contracts/golden/old/${name}.json`, import.meta.url), 'utf8');

describe('a running job without a manifest', { timeout: TIMEOUT }, () => {
  const job = 'job-5b718dc8';
  beforeEach(() => {
    mkdirSync(join(laptop.store, 'jobs', job), { recursive: true });
    writeFileSync(join(laptop.store, 'jobs', job, 'spec.json'), golden('job-tasks').replace('job-77aa01fe', job));
    writeFileSync(stateFile(job), golden('state-v2'));
  });

  it.each([
    [
      ['sync'],
      0,
      `${job}: running, not validated: it has no manifest, since an older version created it; end it with mops jobs cancel ${job}\n0 changed\n`,
      '',
    ],
    [['sync', '--status', 'running'], 0, `${job}: running, not validated`, ''],
    [['sync', '--label', 'sweep=may'], 0, 'no unfinished jobs', ''],
    [['status', job], 0, '  outputs  not validated: it has no manifest, since an older version created it\n', ''],
    [['status', job, '--watch'], 0, '  outputs  not validated: it has no manifest, since an older version created it\n', ''],
    [['wait', job], 13, `${job} running: 0 of 6 tasks\n`, `${job} cannot be waited for: it has no manifest`],
    [['validate', job], 13, `${job}: running`, `${job} cannot be validated: it has no manifest`],
    [['logs', job, '--follow'], 0, '', ''],
    [['manifest', job], 3, '', `${job} has no manifest: it was created by an older version`],
  ])('is neither validated nor changed by %s, which reports it', async ([command, ...args], status, stdout, stderr) => {
    expect(await jobs(command!, ...args)).toEqual({
      status,
      stdout: expect.stringContaining(stdout),
      stderr: expect.stringContaining(stderr),
    });
    expect(readFileSync(stateFile(job), 'utf8')).toBe(golden('state-v2'));
  });

  it('can be cancelled', async () => {
    expect(await jobs('cancel', job)).toMatchObject({ status: 0, stdout: expect.stringContaining('cancelled') });
    expect(await jobs('wait', job)).toMatchObject({ status: 12 });
    expect(JSON.parse(readFileSync(stateFile(job), 'utf8'))).toMatchObject({ status: 'cancelled', metadata: { submitted_by: 'vsb' } });
  });
});

describe('a record of a later version', { timeout: TIMEOUT }, () => {
  it('keeps unknown fields at every depth through validation and resume', async () => {
    await writeTiny(laptop, { xs: [1, 2], replicates: 1 });
    const { job } = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--wait');
    const known = JSON.parse(readFileSync(stateFile(job), 'utf8'));
    const later = {
      ...known,
      schema_version: 9,
      budget: { euro: 12 },
      expected_outputs: { ...known.expected_outputs, figures: 3 },
      missing_outputs: { ...known.missing_outputs, kinds: ['lost'] },
      attempts: known.attempts.map((attempt: object) => ({ ...attempt, zone: 'b' })),
      history: known.history.map((step: object) => ({ ...step, by: 'ada' })),
    };
    writeFileSync(stateFile(job), JSON.stringify(later));
    const [task] = (await jobs('manifest', job)).stdout.match(/[0-9a-f]{64}/)!;
    await laptop.run('mops', 'results', 'rm', task!);
    expect(await laptop.json('mops', 'jobs', 'validate', job, '--force')).toMatchObject({ status: 'partial' });
    expect(await laptop.json('mops', 'jobs', 'resume', job, '--wait')).toMatchObject({ status: 'succeeded', attempt: 2 });
    const state = JSON.parse(readFileSync(stateFile(job), 'utf8'));
    expect(state).toMatchObject({
      schema_version: 9,
      budget: { euro: 12 },
      expected_outputs: { figures: 3 },
      missing_outputs: { count: 0, first: [], kinds: ['lost'] },
      attempts: [{ n: 1, zone: 'b' }, { n: 2 }],
    });
    expect(state.history.slice(0, later.history.length)).toEqual(later.history);
  });
});

describe('a damaged record', { timeout: TIMEOUT }, () => {
  it('is reported by commands that read it, and does not affect other jobs', async () => {
    await writeTiny(laptop, { xs: [5], replicates: 1 });
    const submit = async () => laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--label', 'sweep=x', '--wait');
    const damaged = (await submit()).job;
    const whole = readFileSync(stateFile(damaged), 'utf8');
    writeFileSync(stateFile(damaged), whole.slice(0, 200));
    const { job: other } = await submit();
    const listed = await jobs('list', '--label', 'sweep=x');
    expect(listed).toMatchObject({ status: 0, stdout: expect.stringContaining(other), stderr: expect.stringContaining(damaged) });
    expect(listed.stdout).not.toContain(damaged);
    const waited = await jobs('wait', '--label', 'sweep=x');
    expect(waited).toMatchObject({ status: 1, stdout: expect.stringContaining(`${other} succeeded`) });
    expect(waited.stdout).toMatch(new RegExp(`${damaged} +error: .*not valid JSON.*later version`));
    writeFileSync(stateFile(damaged), whole);
    expect(await jobs('wait', '--label', 'sweep=x')).toMatchObject({ status: 0 });
  });
});
