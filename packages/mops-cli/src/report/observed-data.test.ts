import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RegisteredTarget } from '@modelops/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { observedDataOf } from './observed-data.ts';

const dir = mkdtempSync(join(tmpdir(), 'modelops-observed-'));
afterAll(() => rmSync(dir, { recursive: true }));
writeFileSync(join(dir, 'survey.csv'), 'day,cases\n0,1\n1,2\n');
writeFileSync(join(dir, 'deaths.csv'), 'week,deaths\n0,3\n');
writeFileSync(join(dir, 'bad.parquet'), 'day\n');

type Description = RegisteredTarget['description'];
const comparison = { output: 'curve', join: ['day'], value: 'infected', observed_value: 'cases', data: null };
const read = (description: Partial<Description>) =>
  observedDataOf('fit', { description: { output: 'curve', data: null, behaviour: 2, ...description } }, dir);

describe('the observed data of a target', () => {
  it('are the table of its description, or those of its files that have the compared columns', async () => {
    const inline = await read({ compares: [{ ...comparison, observed: { day: [0], cases: [5] } }] });
    expect(inline).toMatchObject({ compared: [{ output: 'curve', observed: { day: [0], cases: [5] } }], notes: [] });
    const deaths = { ...comparison, output: 'weekly', join: ['week'], observed_value: 'deaths' };
    const { compared, notes } = await read({ data: 'survey.csv', files: ['survey.csv', 'deaths.csv'], compares: [deaths, comparison] });
    expect(compared.map(({ output, observed }) => [output, Object.keys(observed!)])).toEqual([
      ['weekly', ['week', 'deaths']],
      ['curve', ['day', 'cases']],
    ]);
    expect(notes).toEqual([]);
  });

  it('of a single value are the only row of the data', async () => {
    const { compared, notes } = await read({ compares: [{ ...comparison, join: [], observed: { cases: [5] } }] });
    expect([compared[0]!.observed, notes]).toEqual([{ cases: [5] }, []]);
  });

  it('are those of the file if the target does not describe what it compares', async () => {
    const { compared } = await read({ data: 'survey.csv' });
    expect(compared).toEqual([{ output: 'curve', observed: { day: Float64Array.of(0, 1), cases: Float64Array.of(1, 2) } }]);
  });

  it.each<[string, Partial<Description>]>([
    ['the target has them in its code', {}],
    ['the target has a long table in its code', { compares: [comparison] }],
    ['no file has the columns day, positives', { data: 'survey.csv', compares: [{ ...comparison, observed_value: 'positives' }] }],
    ['bad.parquet is not valid Parquet: parquet file is too short', { data: 'bad.parquet', compares: [comparison] }],
  ])('leave a note where they are not shown: %s', async (reason, description) => {
    expect((await read(description)).notes).toEqual([`Observed data of fit are not shown: ${reason}.`]);
  });
});
