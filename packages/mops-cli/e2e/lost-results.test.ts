import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';
import { writeTiny } from './tiny/project.ts';

const TIMEOUT = 300_000;
let laptop: Laptop;
let job: string;
let task: string;

/** A job of one task, in one pack, that has succeeded. */
beforeEach(async () => {
  laptop = openLaptop();
  await writeTiny(laptop, { xs: [1], replicates: 1 });
  job = (await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--wait')).job;
  task = (await laptop.run('mops', 'jobs', 'manifest', job)).stdout.split('\t')[1]!;
}, TIMEOUT);
afterEach(() => laptop.remove(), TIMEOUT);

const explain = (...args: string[]) => laptop.run('mops', 'jobs', 'explain', job, task.slice(0, 12), ...args);
const explanationOf = async () => (await laptop.json<{ explanation: unknown }>('mops', 'jobs', 'explain', job, task)).explanation;

function packFolder(): string {
  const sims = join(laptop.store, 'provenance/token/v1/sims');
  const index = readdirSync(sims, { recursive: true, encoding: 'utf8' }).find((path) => path.endsWith('/_index.parquet'));
  return join(sims, index!, '..');
}

async function resumes(): Promise<void> {
  expect(await laptop.json('mops', 'jobs', 'validate', job, '--force')).toMatchObject({ status: 'failed', status_code: 11 });
  expect(await laptop.json('mops', 'jobs', 'resume', job, '--wait')).toMatchObject({ tasks: 1, status: 'succeeded' });
  expect(await explanationOf()).toMatchObject({ state: 'exists', source: 'computed' });
}

it('deleted losses are evaluated again by validation, for all sets at once', { timeout: TIMEOUT }, async () => {
  await writeTiny(laptop, { xs: [1, 2, 3, 4], replicates: 2, file: 'four.json' });
  const four = (await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'four.json', '--wait')).job;
  rmSync(join(laptop.store, 'provenance/token/v1/aggs'), { recursive: true });
  expect(await laptop.json('mops', 'jobs', 'validate', four, '--force')).toMatchObject({ status: 'succeeded', missing: { count: 0 } });
});

it('changed bytes of an output are detected by deep validation, and a partial export exits with 10', { timeout: TIMEOUT }, async () => {
  const file = join(packFolder(), 'y.parquet');
  const bytes = readFileSync(file);
  bytes[8]! ^= 1;
  writeFileSync(file, bytes);
  expect(await laptop.json('mops', 'jobs', 'validate', job, '--force')).toMatchObject({ status: 'succeeded', quarantined: [] });
  const quarantined = [{ key: expect.stringContaining('/y.parquet'), reason: expect.stringContaining('its digest is') }];
  expect(await laptop.json('mops', 'jobs', 'validate', job, '--deep')).toMatchObject({ status: 'failed', status_code: 11, quarantined });
  expect(await laptop.json('mops', 'jobs', 'resume', job, '--wait')).toMatchObject({ status: 'succeeded' });
  await writeTiny(laptop, { xs: [1, 2], replicates: 1, file: 'two.json' });
  const two = (await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'two.json', '--wait')).job;
  await laptop.run('mops', 'results', 'rm', task);
  expect(await laptop.json('mops', 'results', 'export', two, '--output', 'out')).toMatchObject({ results: 1, missing: 1, status_code: 10 });
});

describe('a result that no longer exists', { timeout: TIMEOUT }, () => {
  it('is explained as lost when its pack was deleted, and recomputed', async () => {
    const pack = packFolder();
    rmSync(pack, { recursive: true });
    const { status, stdout } = await explain();
    expect(status).toBe(0);
    expect(stdout).toMatch(/ {2}had a result that was deleted\n[\s\S]*\n {2}result {3}computed by this job; deleted since: /);
    expect(stdout).toMatch(new RegExp(`next: mops jobs validate ${job} --force, then mops jobs resume ${job}\n$`));
    expect(await explanationOf()).toEqual({ state: 'lost', source: 'computed', packs: [pack.split('/').at(-1)] });
    await resumes();
  });

  it('is explained as damaged when an output of its pack was deleted, and recomputed', async () => {
    rmSync(join(packFolder(), 'y.parquet'));
    const { stdout, stderr } = await explain();
    expect(stderr).toMatch(/^warning: ignored bad pack provenance\/.*: y\.parquet is missing$/m);
    expect(stdout).toMatch(/ {2}has no result: its pack is damaged\n[\s\S]*\n {2}pack {5}provenance\/token\/v1\/sims\//);
    expect(stdout).toMatch(/next: mops jobs validate .* --force, then mops jobs resume /);
    expect(await explanationOf()).toMatchObject({ state: 'damaged' });
    await resumes();
  });

  it('is reported as evicted after its outputs were deleted, and the job keeps its state', async () => {
    expect(await laptop.run('mops', 'store', 'gc', '--evict', job, '--yes')).toMatchObject({ status: 0 });
    expect(readdirSync(packFolder()).sort()).toEqual(['_evicted.json', '_index.parquet']);
    expect((await explain()).stdout).toMatch(/ {2}has a result; its outputs were deleted by store gc\n/);
    expect(await explanationOf()).toEqual({ state: 'evicted', source: 'computed' });
    expect(await laptop.run('mops', 'jobs', 'validate', job, '--force')).toMatchObject({
      status: 0,
      stdout: `${job}: succeeded, 1 task verified, 0 missing\n`,
      stderr: '',
    });
  });
});
