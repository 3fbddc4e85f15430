import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld } from '../testing/world.ts';
import { exportJob } from './export-job.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'modelops-export-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const { signal } = new AbortController();
let made = 0;
const newDir = () => join(root, `export-${made++}`);

describe('export', () => {
  it('skips and reports tasks without a result, and writes nothing without any', async () => {
    const world = createWorld();
    const job = await world.register({ sets: [{ beta: 0.1 }], replicates: 4 });
    const request = { job, layout: 'tree' as const, force: false, signal };
    const empty = newDir();
    await expect(exportJob({ ...request, output: empty }, world.stores)).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
    await expect(access(empty)).rejects.toThrow();
    await world.compute(job, [0, 1, 2], { failed: [2] });
    expect(await exportJob({ ...request, output: newDir() }, world.stores)).toMatchObject({ results: 2, missing: 2, evicted: 0 });
  });

  it.each(['tree', 'parquet', 'csv'] as const)('replaces an earlier export with --force only, and nothing else (%s)', async (layout) => {
    const world = createWorld();
    const job = await world.register({ sets: [{ beta: 0.1 }] });
    await world.compute(job, [0]);
    const output = newDir();
    const run = (force: boolean, dir = output) => exportJob({ job, layout, output: dir, force, signal }, world.stores);
    await run(false);
    await expect(run(false)).rejects.toMatchObject({ code: 'CONFLICT' });
    await writeFile(join(output, 'stale'), '');
    await run(true);
    expect(await readdir(output)).not.toContain('stale');
    const other = await mkdtemp(join(root, 'mine-'));
    await writeFile(join(other, 'thesis.tex'), '');
    await expect(run(true, other)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await readdir(other)).toEqual(['thesis.tex']);
    await expect(run(true, join(other, 'thesis.tex'))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await readdir(root)).filter((name) => /partial|old/.test(name))).toEqual([]);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const world = createWorld();
    const job = await world.register({ sets: [{ beta: 0.1 }] });
    await world.compute(job, [0]);
    const request = { job, layout: 'csv' as const, output: newDir(), force: false, signal: AbortSignal.abort() };
    await expect(exportJob(request, world.stores)).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(await readdir(root)).toEqual([]);
  });

  it('reports a folder that cannot be written', async () => {
    const world = createWorld();
    const job = await world.register({ sets: [{ beta: 0.1 }] });
    await world.compute(job, [0]);
    await writeFile(join(root, 'file'), '');
    const output = join(root, 'file', 'below');
    await expect(exportJob({ job, layout: 'csv', output, force: false, signal }, world.stores)).rejects.toMatchObject({
      code: 'STORE_UNWRITABLE',
      message: expect.stringContaining(output),
    });
  });

  it('writes a CSV file per model output, with parameters and seed in each row', async () => {
    const world = createWorld();
    const job = await world.register({
      sets: [
        { params: { beta: 0.1, mode: 'a,"b"' }, seed: 7 },
        { params: { beta: -0, mode: '' }, seed: '18446744073709551615' },
      ],
    });
    await world.compute(job, [0, 1], {
      table: (task) => [
        { name: 'x', values: Float64Array.of(task === 0 ? Number.NaN : Number.NEGATIVE_INFINITY, 1e21) },
        { name: 'n', values: BigInt64Array.of(-(2n ** 63n), 1n) },
        { name: 'place', values: ['', null] },
      ],
    });
    const output = newDir();
    await exportJob({ job, layout: 'csv', output, force: false, signal }, world.stores);
    const [first, second] = [0, 1].map((set) => job.tasks.paramsAt(set).param_id);
    expect(await readFile(join(output, 'prevalence.csv'), 'utf8')).toBe(
      [
        'param_id,seed,param_beta,param_mode,x,n,place',
        `${first},7,0.1,"a,""b""",NaN,-9223372036854775808,""`,
        `${first},7,0.1,"a,""b""",1e+21,1,`,
        `${second},18446744073709551615,-0,"",-Infinity,-9223372036854775808,""`,
        `${second},18446744073709551615,-0,"",1e+21,1,`,
        '',
      ].join('\n'),
    );
  });

  it('refuses an output with a column named like a parameter column', async () => {
    const world = createWorld();
    const job = await world.register({ sets: [{ beta: 0.1 }] });
    await world.compute(job, [0], { table: () => [{ name: 'param_beta', values: Float64Array.of(1) }] });
    const request = { job, layout: 'parquet' as const, output: newDir(), force: false, signal };
    await expect(exportJob(request, world.stores)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('param_beta'),
    });
  });
});
