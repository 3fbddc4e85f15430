import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop, prepare, type Submitted } from './laptop.ts';
import { query } from './query.ts';

interface Compacted {
  readonly total: { readonly packs: number; readonly replaced: number; readonly written: number };
}
interface Checked {
  readonly packs: number;
  readonly evicted: number;
  readonly problems: readonly { readonly key: string; readonly kind: string }[];
  readonly quarantined: readonly string[];
}
interface Collected {
  readonly dry_run: boolean;
  readonly outputs: { readonly packs: number; readonly bytes: number; readonly tasks: number };
  readonly kept: { readonly reachable: number };
}

let laptop: Laptop;
beforeEach(() => {
  laptop = openLaptop();
});
afterEach(() => laptop.remove());

const submit = (...args: string[]) => laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--auto', ...args);
const compact = () => laptop.json<Compacted>('mops', 'store', 'compact', '--min-age', '0');
const check = (...args: string[]) => laptop.json<Checked>('mops', 'store', 'check', ...args);

const SIMS = 'provenance/token/v1/sims/*/*/*';
const tasksInStore = async () =>
  (await query<{ n: bigint }>(`SELECT count(DISTINCT task_id) AS n FROM '${laptop.store}/${SIMS}/_index.parquet' WHERE status = 'ok'`))[0]!
    .n;
const outputsInStore = () => filesUnder(join(laptop.store, 'provenance')).filter((file) => file.endsWith('/prevalence.parquet'));

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
}

describe('mops store compact', { timeout: 240_000 }, () => {
  it('changes neither a job nor its losses, and leaves a later job nothing to compute', async () => {
    await prepare(laptop, { sets: 64, replicates: 5 });
    const { job } = await submit('--wait');
    const best = await laptop.run('mops', 'results', 'best', job);
    expect(await laptop.json('mops', 'store', 'compact')).toMatchObject({ total: { replaced: 0 } }); // all of them are young
    const { total } = await compact();
    expect(total.written).toBe(2); // simulations and aggregations
    expect(total.replaced).toBe(total.packs);
    expect(await tasksInStore()).toBe(320n);
    expect(await check()).toMatchObject({ status_code: 0, packs: 2, problems: [] });
    expect(await laptop.json('mops', 'jobs', 'validate', job, '--force')).toMatchObject({ status: 'succeeded', verified: 320 });
    expect((await laptop.run('mops', 'results', 'best', job)).stdout).toBe(best.stdout);
    expect(await submit('--wait')).toMatchObject({ status: 'succeeded', tasks: { new: 0, reused: 320 } });
  });

  it('repeatedly during a running job loses nothing', async () => {
    await prepare(laptop, { sets: 256, replicates: 20 });
    const { job } = await submit();
    let replaced = 0;
    for (let isDone = false; !isDone; ) {
      const compacted = await compact();
      expect(compacted.status_code).toBe(0);
      replaced += compacted.total.replaced;
      const { status } = await laptop.json<{ status: string }>('mops', 'jobs', 'status', job);
      isDone = ['succeeded', 'partial', 'failed'].includes(status);
    }
    expect(replaced).toBeGreaterThan(0);
    expect(await laptop.json('mops', 'jobs', 'validate', job, '--force')).toMatchObject({ status: 'succeeded', verified: 5120 });
    await compact();
    expect(await tasksInStore()).toBe(5120n);
    expect(await check()).toMatchObject({ status_code: 0, problems: [] });
  });
});

describe('mops store gc', { timeout: 240_000 }, () => {
  it('deletes outputs that no job needs, on request; index entries and losses remain', async () => {
    await prepare(laptop, { sets: 32, replicates: 5 });
    const { job } = await submit('--wait');
    const kept = await laptop.json<Collected>('mops', 'store', 'gc');
    expect(kept).toMatchObject({ dry_run: true, outputs: { packs: 0 } });
    expect(kept.kept.reachable).toBeGreaterThan(0);
    const shown = await laptop.json<Collected>('mops', 'store', 'gc', '--evict', job);
    expect(shown).toMatchObject({ dry_run: true, outputs: { packs: kept.kept.reachable, tasks: 160 } });
    expect(outputsInStore()).toHaveLength(shown.outputs.packs);

    expect(await laptop.json('mops', 'store', 'gc', '--evict', job, '--yes')).toMatchObject({ dry_run: false, outputs: shown.outputs });
    expect(outputsInStore()).toEqual([]);
    expect(await check()).toMatchObject({ status_code: 0, evicted: shown.outputs.packs, problems: [] });
    expect(await laptop.json('mops', 'jobs', 'validate', job, '--force')).toMatchObject({ status: 'succeeded', verified: 160 });
    expect(await submit('--wait')).toMatchObject({ status: 'succeeded', tasks: { new: 0, reused: 160 } });
    const stats = await laptop.run('mops', 'store', 'stats');
    expect(stats).toMatchObject({ status: 0, stdout: expect.stringMatching(/models\.seir\.StochasticSEIR@baseline +160 +160 /) });
  });

  it('recomputes only the results whose outputs a new target needs', async () => {
    await prepare(laptop, { sets: 16, replicates: 5 });
    const { job } = await submit('--wait');
    await laptop.json('mops', 'store', 'gc', '--evict', job, '--yes');
    const target = join(laptop.dir, 'targets/prevalence.ts');
    writeFileSync(target, readFileSync(target, 'utf8').replaceAll('meanSignalMse', 'rmse'));
    const study = JSON.parse(readFileSync(join(laptop.dir, 'study.json'), 'utf8'));
    writeFileSync(join(laptop.dir, 'study.json'), JSON.stringify({ ...study, parameter_sets: study.parameter_sets.slice(0, 4) }));
    await laptop.run('modelops-bundle', 'register-target', 'targets/prevalence.ts');
    expect(await submit('--wait')).toMatchObject({ status: 'succeeded', tasks: { total: 20, new: 20 } });
    expect(await submit('--wait')).toMatchObject({ status: 'succeeded', tasks: { total: 20, new: 0, reused: 20 } });
    expect(await tasksInStore()).toBe(80n);
    expect(await check()).toMatchObject({ status_code: 0, problems: [] });
  });

  it('rejects a job that has not succeeded, and an unknown one', async () => {
    await prepare(laptop, { sets: 8, replicates: 2 });
    const study = JSON.parse(readFileSync(join(laptop.dir, 'study.json'), 'utf8'));
    writeFileSync(join(laptop.dir, 'study.json'), JSON.stringify({ ...study, targets: [] }));
    const model = join(laptop.dir, 'models/seir.ts');
    writeFileSync(model, readFileSync(model, 'utf8').replace('const day =', "if (beta > 1) throw new Error('no');\n    const day ="));
    const { job } = await submit('--wait');
    expect(await laptop.run('mops', 'store', 'gc', '--evict', job)).toMatchObject({
      status: 4,
      stdout: '',
      stderr: expect.stringMatching(/is partial.*\n.*mops jobs resume/),
    });
    expect(await laptop.run('mops', 'store', 'gc', '--evict', 'job-none')).toMatchObject({ status: 3, stdout: '' });
  });
});

describe('mops store check', { timeout: 240_000 }, () => {
  it('reports a pack with a changed bit, quarantines it with --quarantine, and its tasks are recomputed', async () => {
    await prepare(laptop, { sets: 32, replicates: 5 });
    const { job } = await submit('--wait');
    const bad = outputsInStore()[0]!;
    const bytes = readFileSync(bad);
    bytes[bytes.length >> 1]! ^= 8;
    writeFileSync(bad, bytes);
    const key = bad.slice(laptop.store.length + 1);
    expect(await check()).toMatchObject({ status_code: 1, problems: [{ key, kind: 'bad' }], quarantined: [] });
    const human = await laptop.run('mops', 'store', 'check');
    expect(human).toMatchObject({ status: 1, stdout: expect.stringContaining(`bad  ${key}: its digest is `) });
    expect(await check('--quarantine')).toMatchObject({ quarantined: [key.replace(/\/[^/]*$/, '')] });
    expect(await check()).toMatchObject({ status_code: 0, problems: [] });
    expect(await laptop.json('mops', 'jobs', 'validate', job, '--force')).toMatchObject({ status: 'partial' });
    expect(await laptop.json('mops', 'jobs', 'resume', job, '--wait')).toMatchObject({ status: 'succeeded' });
    expect(await tasksInStore()).toBe(160n);
  });

  it.each(['losses.parquet', 'summary.json'])('reports a damaged %s, which reindex writes again', async (name) => {
    await prepare(laptop, { sets: 8, replicates: 2 });
    const { job } = await submit('--wait');
    const best = await laptop.must('mops', 'results', 'best', job);
    const all = await laptop.must('mops', 'results', 'losses', job);
    const file = join(laptop.store, 'results', job, name);
    const whole = readFileSync(file);
    const bytes = Buffer.from(whole);
    bytes[bytes.length >> 1]! ^= 8;
    writeFileSync(file, bytes);
    expect(await check()).toMatchObject({ status_code: 1, problems: [{ key: `results/${job}/manifest.json`, kind: 'bad' }] });
    const next = `mops results reindex ${job}`;
    expect((await laptop.run('mops', 'store', 'check')).stdout).toContain(`the digest of ${name} differs`);
    expect((await laptop.run('mops', 'store', 'check')).stdout).toContain(`next: ${next}\n`);
    // The other file is whole and tells the best.
    expect((await laptop.must('mops', 'results', 'best', job)).stdout).toBe(best.stdout);
    const losses = await laptop.run('mops', 'results', 'losses', job);
    if (name === 'losses.parquet') expect(losses).toMatchObject({ status: 1, stderr: expect.stringContaining(`hint: ${next}\n`) });
    else expect(losses.stdout).toBe(all.stdout);
    expect(await laptop.json('mops', 'results', 'reindex', job)).toMatchObject({ rows: 8, losses: 8, changed: true });
    expect(Buffer.compare(readFileSync(file), whole)).toBe(0);
    expect(await check()).toMatchObject({ status_code: 0, problems: [] });
  });
});
