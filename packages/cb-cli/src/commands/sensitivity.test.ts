import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseStudy } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { streamOf } from '../designs/stream.ts';
import { valuesOf } from '../study/entries.ts';
import { studyPoints } from '../study/study-points.ts';
import { type Cell, tableOfRows } from '../tables/table.ts';
import { csvText, parquetBytes } from '../tables/write-table.ts';
import { MODEL, useProject } from '../testing/project.ts';

const project = useProject();
const run = (line: string) => project.run(line);
const HELD = '--fix n0=3 --fix mode=a';

/** A result for each set of study.json, in reverse order. */
function results(of: (beta: number, sigma: number) => number): Map<string, Cell[]> {
  const { study } = parseStudy(readFileSync(join(project.folder, 'study.json'), 'utf8'), 'study.json');
  const ids = Array.from(studyPoints(study).columns.get('param_id')!);
  const losses = study.parameter_sets.map((set) => {
    const { beta, sigma } = valuesOf(set) as { beta: number; sigma: number };
    return of(beta, sigma);
  });
  return new Map<string, Cell[]>([
    ['param_id', ids.reverse()],
    ['loss', losses.reverse()],
  ]);
}
function write(columns: ReadonlyMap<string, Cell[]>): void {
  writeFileSync(join(project.folder, 'losses.csv'), [...csvText({ size: columns.get('loss')!.length, columns })].join(''));
}
async function analysed(line: string) {
  const { status, out, err } = await run(`${line} --json`);
  expect(err).not.toContain('error');
  expect(status).toBe(0);
  return JSON.parse(out).analyses as { method: string; missing: number; parameters: Record<string, { value: number } & string>[] }[];
}

describe('cb sensitivity', () => {
  it('of a Saltelli study joins rows by param_id, whatever their order, and leaves out only what is missing', async () => {
    await run(`sampling saltelli ${MODEL} --n 256 ${HELD} -o study.json`);
    const columns = results((beta) => beta);
    write(columns);
    const [whole] = await analysed('sensitivity losses.csv --study study.json --bootstraps 50');
    expect(whole!.method).toBe('saltelli');
    expect(whole!.parameters.map(({ name }) => name)).toEqual(['beta', 'sigma']);
    expect(whole!.parameters[0]!.first!.value).toBeCloseTo(1, 1);
    expect(whole!.parameters[1]!.total!.value).toBeCloseTo(0, 6);
    for (const values of columns.values()) values.splice(0, 20);
    write(columns);
    const { out, err } = await run('sensitivity losses.csv --study study.json');
    expect(err).toContain('20 of 1024 parameter sets have no result');
    expect(out).toContain('1004 of 1024 parameter sets');
    expect(out).toMatch(/beta +(0\.9|1\.0)\d+ \(.* … .*\).* 9\d\.\d % +█+/);
  });

  it('of a Morris study gives μ* and σ, a condition included', async () => {
    await run(`sampling morris ${MODEL} --trajectories 12 ${HELD} --where 'beta < 1.9' -o study.json`);
    write(results((beta, sigma) => 3 * beta + 0 * sigma));
    const [found] = await analysed('sensitivity losses.csv --study study.json');
    expect(found!.method).toBe('morris');
    expect(found!.parameters[0]!.mean_absolute!.value).toBeCloseTo(3 * 1.9, 6);
    expect(found!.parameters[1]!.mean_absolute!.value).toBeCloseTo(0, 9);
  });

  it('of a FAST study gives its indices', async () => {
    await run(`sampling fast ${MODEL} --n 257 ${HELD} -o study.json`);
    write(results((beta) => beta));
    const [found] = await analysed('sensitivity losses.csv --study study.json');
    expect(found!.method).toBe('fast');
    expect(found!.parameters[0]!.first!.value).toBeCloseTo(1, 1);
  });

  it('of any sweep gives given-data indices, and of replicates the share of chance', async () => {
    await run(`sampling sobol ${MODEL} --n 256 -o study.json`);
    const columns = results((beta) => beta);
    // Four replicates of each set. The variance of beta is 0.30, that of chance 0.25.
    const [ids, losses] = [columns.get('param_id')!, columns.get('loss')! as number[]];
    const rng = streamOf(4n);
    const replicates = [0, 1, 2, 3];
    write(
      new Map<string, Cell[]>([
        ['param_id', replicates.flatMap(() => ids)],
        ['loss', replicates.flatMap(() => losses.map((loss) => loss + rng.normal(0, 0.5)))],
      ]),
    );
    const { out } = await run('sensitivity losses.csv --study study.json --bootstraps 10');
    expect(out).toContain('given-data indices, 256 of 256 parameter sets');
    expect(out).toMatch(/parameter +S1 +Shapley +PAWN +δ/);
    expect(out).toMatch(/parameters explain 5\d\.\d % of the variance/);
    const [found] = await analysed('sensitivity losses.csv --study study.json --bootstraps 0');
    expect(found!.parameters.find(({ name }) => name === 'beta')!.pawn!.value).toBeGreaterThan(0.4);
  });

  it('reads param_ columns without a study, a block for each target', async () => {
    const rows = Array.from({ length: 60 }, (_, k) => ({ param_beta: (k * 37) % 60, param_mode: k % 2 === 0 ? 'a' : 'b' }));
    const columns = new Map<string, Cell[]>([
      ['param_beta', [...rows, ...rows].map((row) => row.param_beta)],
      ['param_mode', [...rows, ...rows].map((row) => row.param_mode)],
      ['target', [...rows.map(() => 'one'), ...rows.map(() => 'two')]],
      ['loss', [...rows.map((row) => row.param_beta), ...rows.map((row) => (row.param_mode === 'a' ? 1 : 2))]],
    ]);
    writeFileSync(join(project.folder, 'losses.parquet'), await parquetBytes({ size: 120, columns }));
    const found = await analysed('sensitivity losses.parquet --bootstraps 0');
    expect(found.map(({ method }) => method)).toEqual(['given-data', 'given-data']);
    expect(found[0]!.parameters[0]!.first!.value).toBeGreaterThan(0.7);
    expect(found[1]!.parameters[1]!.first!.value).toBeGreaterThan(0.95);
    expect(await analysed('sensitivity losses.parquet --target two --bootstraps 0')).toHaveLength(1);
    expect((await run('sensitivity losses.parquet --target three')).err).toContain('targets: one, two');
    expect((await run('sensitivity losses.parquet --column los')).err).toContain('did you mean --column loss?');
  });

  it('asks mops for the losses of a job', async () => {
    const asked: string[] = [];
    project.losses = async (job) => {
      asked.push(job);
      return tableOfRows(Array.from({ length: 30 }, (_, k) => ({ param_id: `${k}`, param_beta: k, target: 't', loss: k })));
    };
    expect((await analysed('sensitivity job-1 --bootstraps 0'))[0]!.parameters[0]!.first!.value).toBeGreaterThan(0.5);
    expect(asked).toEqual(['job-1']);
    expect((await run('sensitivity none.csv')).status).toBe(3);
  });
});
