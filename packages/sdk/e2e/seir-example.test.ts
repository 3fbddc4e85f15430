import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseCsv } from '@modelops/sdk';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { StochasticSEIR } from '../../../examples/seir-ts/models/seir.ts';
import { prevalence } from '../../../examples/seir-ts/targets/prevalence.ts';

const example = fileURLToPath(new URL('../../../examples/seir-ts', import.meta.url));
const observedText = readFileSync(join(example, 'data/observed.csv'), 'utf8');

/** The example's loss for twenty replicates. */
function lossOf(values: { beta: number; gamma: number }, scenario = 'baseline'): number {
  const tables = Array.from({ length: 20 }, (_, k) => StochasticSEIR.simulateTask(values, k, scenario, null).prevalence!);
  const joined = (name: string) => Float64Array.from(tables.flatMap((table) => Array.from(table[name]!, Number)));
  const rows = tables.map(({ day }) => day!.length);
  const columns = { day: joined('day'), infected: joined('infected') };
  return prevalence.evaluate({ outputs: { prevalence: { columns, rows } }, observed: { 'data/observed.csv': parseCsv(observedText) } })
    .loss;
}

describe('examples/seir-ts', () => {
  it('has exactly the observed data that its script writes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'modelops-seir-'));
    try {
      mkdirSync(join(folder, 'data'));
      const outfile = join(folder, 'dist/make-observed.mjs');
      const entryPoints = [join(example, 'scripts/make-observed.ts')];
      await build({
        entryPoints,
        bundle: true,
        platform: 'node',
        format: 'esm',
        conditions: ['modelops-source'],
        logLevel: 'silent',
        outfile,
      });
      execFileSync(process.execPath, [outfile], { stdio: 'pipe' });
      expect(readFileSync(join(folder, 'data/observed.csv'), 'utf8')).toBe(observedText);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('has the lowest loss at the parameters that generated the data', () => {
    const truth = lossOf({ beta: 0.8, gamma: 0.2 });
    const around = [-0.2, 0, 0.2].flatMap((b) => [-0.06, 0, 0.06].map((g) => ({ beta: 0.8 + b, gamma: 0.2 + g })));
    const losses = around.filter(({ beta, gamma }) => beta !== 0.8 || gamma !== 0.2).map((values) => lossOf(values));
    expect(Math.min(...losses)).toBeGreaterThan(4 * truth);
  });

  it('has a lockdown that differs from the baseline and does not depend on beta', () => {
    const run = (beta: number, scenario: string) => StochasticSEIR.simulateTask({ beta, gamma: 0.2 }, 1, scenario, null);
    expect(run(0.8, 'lockdown')).not.toEqual(run(0.8, 'baseline'));
    expect(run(0.8, 'lockdown')).toEqual(run(1.9, 'lockdown'));
  });
});
