import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';
import { query } from './query.ts';
import { processesOf, signalAll, untilHeld } from './tiny/processes.ts';
import { writeTiny } from './tiny/project.ts';

const TIMEOUT = 300_000;
let laptop: Laptop;
beforeEach(() => {
  laptop = openLaptop();
});
afterEach(() => laptop.remove(), TIMEOUT);

const jobs = (...args: string[]) => laptop.run('mops', 'jobs', ...args);
const submit = async (...args: string[]) => (await jobs('submit', 'tiny.json', ...args)).stdout.split('\n')[0]!;
const pathOf = (job: string) =>
  JSON.parse(readFileSync(join(laptop.store, 'jobs', job, 'state.json'), 'utf8')).history.map(({ to }: { to: string }) => to);

/** Folders of the packs of simulations. */
function packs(): string[] {
  const sims = join(laptop.store, 'provenance/token/v1/sims');
  const indexes = readdirSync(sims, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('/_index.parquet'));
  return indexes.map((path) => join(sims, path, '..')).sort();
}

async function tasksIn(folders: readonly string[]): Promise<string[]> {
  const files = folders.map((folder) => `'${folder}/_index.parquet'`).join(', ');
  const rows = await query<{ task_id: string }>(`SELECT task_id FROM read_parquet([${files}])`);
  return rows.map(({ task_id }) => task_id).sort();
}

/** Two ways to lose outputs; each returns the ids of the lost tasks. */
const DELETIONS = {
  async 'a pack file by hand'() {
    const [pack] = packs();
    const lost = await tasksIn([pack!]);
    rmSync(join(pack!, 'y.parquet'));
    return lost;
  },
  async 'one task with results rm'() {
    const [lost] = await tasksIn(packs());
    expect(await laptop.run('mops', 'results', 'rm', lost!)).toMatchObject({ status: 0 });
    return [lost!];
  },
};

/** The manual workflow of seed document 004, step by step. */
describe('the manual workflow', { timeout: TIMEOUT }, () => {
  it.each(Object.entries(DELETIONS))('submit, complete, sync, delete %s, validate, resume, complete', async (_, deleteOutputs) => {
    // 1. Submit a job with known outputs.
    await writeTiny(laptop, { xs: [1, 2, 3, 4, 5, 6], replicates: 2 });
    const job = await submit('--workers', '2');
    const expected = (await jobs('manifest', job)).stdout.match(/^simulation\t[0-9a-f]{64}/gm)!.map((line) => line.split('\t')[1]!);
    expect(expected).toHaveLength(12);
    // 2. It completes, without a wait.
    const results = join(laptop.store, 'results');
    await vi.waitFor(() => expect(readdirSync(join(results, job))).toContain('manifest.json'), { timeout: 120_000, interval: 100 });
    // 3. Sync: it went to validating, then succeeded.
    await vi.waitFor(async () => expect(await jobs('sync')).toMatchObject({ status: 0, stdout: 'no unfinished jobs\n' }), {
      timeout: 60_000,
    });
    expect(pathOf(job).slice(-2)).toEqual(['validating', 'succeeded']);
    expect(await tasksIn(packs())).toEqual([...expected].sort());
    // 4. Delete outputs.
    const lost = await deleteOutputs();
    const left = packs();
    // 5. Validate with --force: partial, with the missing outputs listed.
    expect(await jobs('validate', job)).toMatchObject({ status: 0, stdout: expect.stringContaining('to check again: mops jobs validate') });
    const validated = await jobs('validate', job, '--force');
    expect(validated.status).toBe(10);
    expect(validated.stdout).toMatch(
      new RegExp(
        `^${job}: succeeded → partial, ${12 - lost.length} tasks verified, \\d+ missing$[\\s\\S]*^next: mops jobs resume ${job}$`,
        'm',
      ),
    );
    const named = [...validated.stdout.matchAll(/^ {2}missing ([0-9a-f]{64})$/gm)].map(([, id]) => id!);
    expect(named.sort()).toEqual(lost);
    expect(validated.stdout).toMatch(/^ {2}missing fit of /m);
    // 6. Resume: exactly the missing tasks run.
    const [before, tasks] = [packs(), lost.length === 1 ? '1 task' : `${lost.length} tasks`];
    expect(before.every((pack) => left.includes(pack))).toBe(true);
    expect(await jobs('resume', job)).toMatchObject({
      status: 0,
      stdout: `${tasks} of ${job} submitted as attempt 2\nnext: mops jobs wait ${job}\n`,
    });
    // 7. Complete.
    expect(await jobs('wait', job)).toMatchObject({ status: 0, stdout: `${job} succeeded: 12 of 12 tasks\n` });
    expect(await tasksIn(packs().filter((pack) => !before.includes(pack)))).toEqual(lost);
    expect(await jobs('validate', job, '--force')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('12 tasks verified, 0 missing'),
    });
    expect(await laptop.json('mops', 'store', 'check')).toMatchObject({ problems: [] });
  });

  it('has a sync that validates a complete job whose workers died before they could', async () => {
    const hold = join(laptop.dir, 'hold');
    writeFileSync(hold, '');
    await writeTiny(laptop, { xs: [1, 2, 5], replicates: 2, hold });
    const job = await submit('--workers', '1');
    await untilHeld(hold);
    const { supervisor, workers, hosts } = processesOf(laptop, job);
    signalAll([supervisor, ...workers, ...hosts], 'SIGKILL');
    rmSync(hold);
    // The same study again completes the outputs of both.
    expect(await laptop.json('mops', 'jobs', 'submit', 'tiny.json', '--wait')).toMatchObject({ status: 'succeeded' });
    expect(pathOf(job).at(-1)).toBe('running');
    expect(await jobs('sync')).toMatchObject({
      status: 0,
      stdout: `${job}: running → succeeded (workers: ended)\n1 changed\n`,
    });
    expect(pathOf(job).slice(-3)).toEqual(['running', 'validating', 'succeeded']);
  });
});
