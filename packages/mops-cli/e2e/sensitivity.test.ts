import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';
import { onPath } from './tiny/on-path.ts';

interface Index {
  readonly value: number;
}
interface Analysed {
  readonly analyses: readonly {
    readonly method: string;
    readonly parameters: readonly { readonly name: string; readonly first: Index; readonly total: Index }[];
  }[];
}

let laptop: Laptop;
beforeEach(() => {
  laptop = openLaptop();
  Object.assign(laptop.env, onPath(laptop)); // cb calls the mops on PATH
});
afterEach(() => laptop.remove());

describe('cb sensitivity of a job that ran', () => {
  it('reads its losses through mops and joins them with the points of the study; the report shows the same indices', async () => {
    const design = ['--n', '32', '--reps', '2', '--seed', '1', '--targets', 'targets/prevalence.ts:prevalence', '--common-seeds'];
    writeFileSync(
      join(laptop.dir, 'study.json'),
      (await laptop.must('cb', 'sampling', 'saltelli', 'models/seir.ts:StochasticSEIR', ...design)).stdout,
    );
    await laptop.must('modelops-bundle', 'init', 'sensitivity');
    await laptop.must('modelops-bundle', 'register-model', 'models/seir.ts');
    const { job } = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'study.json', '--auto', '--wait');
    const { analyses } = await laptop.json<Analysed>('cb', 'sensitivity', job, '--study', 'study.json', '--bootstraps', '50');
    expect(analyses.map(({ method }) => method)).toEqual(['saltelli']);
    const { parameters } = analyses[0]!;
    expect(parameters.map(({ name }) => name)).toEqual(['beta', 'gamma']);
    for (const { total } of parameters) expect(total.value).toBeGreaterThan(0);
    expect(Math.max(...parameters.map(({ total }) => total.value))).toBeGreaterThan(0.5);
    const printed = await laptop.must('cb', 'sensitivity', job, '--study', 'study.json', '--bootstraps', '50');
    expect(printed.stdout).toContain('beta');
    await laptop.must('mops', 'report', job);
    const page = readFileSync(join(laptop.dir, 'report.html'), 'utf8');
    const rows = [
      ...page.matchAll(/>(beta|gamma)<\/th><td>(-?[\d.]+)<\/td><td>[^<]* … [^<]*<\/td><td>(-?[\d.]+)<\/td><td>[^<]* … [^<]*<\/td><\/tr>/g),
    ];
    expect(rows.map(([, name, first, total]) => [name, first, total])).toEqual(
      parameters.map(({ name, first, total }) => [name, first.value.toFixed(3), total.value.toFixed(3)]),
    );
  });
});
