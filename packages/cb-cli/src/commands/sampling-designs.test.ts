import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rowsIn } from '../designs/parameter-table.ts';
import { parquetBytes } from '../tables/write-table.ts';
import { MODEL, SEIR, useProject } from '../testing/project.ts';

const project = useProject();

const run = (line: string, cwd?: string) => project.run(line, cwd);
const studyOf = (line: string, cwd?: string) => project.studyOf(line, cwd);

describe('cb sampling grid', () => {
  it('lists every combination once, the last parameter fastest', async () => {
    const study = await studyOf(`sampling grid ${MODEL} --grid-points 3,n0=2 --fix sigma=0.1`);
    expect(study.parameter_sets).toHaveLength(3 * 2 * 3);
    expect(study.parameter_sets.slice(0, 4)).toEqual([
      { beta: 0.1, sigma: 0.1, n0: 1, mode: 'a' },
      { beta: 0.1, sigma: 0.1, n0: 1, mode: 'b' },
      { beta: 0.1, sigma: 0.1, n0: 1, mode: true },
      { beta: 0.1, sigma: 0.1, n0: 10, mode: 'a' },
    ]);
    expect(study.parameter_sets.at(-1)).toEqual({ beta: 2, sigma: 0.1, n0: 10, mode: true });
    expect(study.metadata.design).toMatchObject({ method: 'grid', grid_points: ['3', 'n0=2'] });
  });

  it('spaces values evenly on the scale that a parameter declares', async () => {
    const study = await studyOf(`sampling grid ${MODEL} --grid-points 3 --fix beta=1 --fix n0=1 --fix mode=a`);
    const [low, middle, high] = study.parameter_sets.map((set) => (set as { sigma: number }).sigma);
    expect([low, high]).toEqual([0.05, 0.5]);
    expect(middle).toBeCloseTo(0.05 * Math.sqrt(10), 12);
  });

  it('takes at most as many values of an int as it has', async () => {
    const study = await studyOf(`sampling grid ${MODEL} --grid-points 100 --fix beta=1 --fix sigma=0.1 --fix mode=a --range n0=4:6`);
    expect(study.parameter_sets.map((set) => (set as { n0: number }).n0)).toEqual([4, 5, 6]);
  });

  it('lists all problems of the points at once', async () => {
    const { status, err } = await run(`sampling grid ${MODEL} --grid-points 0,bet=3,mode=2,3,4`);
    expect(status).toBe(2);
    expect(err).toContain('invalid value "0": expected N or name=N');
    expect(err).toContain('the number for all parameters is given twice');
    expect(err).toContain('did you mean "beta"?');
    expect(err).toContain('mode is a choice and takes each of its values');
  });

  it('refuses a grid too large to write', async () => {
    const { status, err } = await run(`sampling grid ${MODEL} --grid-points 1000000`);
    expect(status).toBe(2);
    expect(err).toContain('more than 2^30');
  });
});

describe('what a study varies', () => {
  it('does not vary a parameter that the scenario fixes, and makes its value part of each set', async () => {
    project.model = { ...SEIR, fixed: { lockdown: { beta: 0 } } };
    const line = `sampling sobol ${MODEL} --n 8 --scenario lockdown`;
    const study = await studyOf(line);
    expect(study.parameter_sets.every((set) => (set as { beta: number }).beta === 0)).toBe(true);
    expect((study.metadata.design as { parameters: object[] }).parameters[0]).toEqual({
      name: 'beta',
      kind: 'fixed',
      value: 0,
      by: 'scenario',
    });
    expect((await run(line)).err).toMatch(/beta +fixed +0 \(scenario\)/);
    expect((await studyOf(`sampling sobol ${MODEL} --n 8`)).parameter_sets.every((set) => (set as { beta: number }).beta > 0)).toBe(true);
    const refused = await run(`${line} --range beta=0.2:0.3 --fix beta=1 --prior beta=uniform`);
    expect(refused.status).toBe(2);
    for (const flag of ['--range', '--fix', '--prior']) expect(refused.err).toContain(`${flag} beta: scenario lockdown fixes beta at 0`);
    expect((await run(`${line} --fix beta=0`)).status).toBe(0);
  });

  it('replaces sets that a condition rejects, counts them and records the condition', async () => {
    const line = `sampling sobol ${MODEL} --n 64 --where 'beta > 1 and mode == "a"'`;
    const study = await studyOf(line);
    expect(study.parameter_sets).toHaveLength(64);
    for (const set of study.parameter_sets as { beta: number; mode: string }[]) expect(set.beta > 1 && set.mode === 'a').toBe(true);
    const { rejected } = study.metadata.design as { rejected: number };
    expect(rejected).toBeGreaterThan(200);
    expect(study.metadata.design).toMatchObject({ where: ['beta > 1 and mode == "a"'] });
    expect((await run(line)).err).toContain(`${rejected} sets rejected by the constraint`);
    expect((await run(`sampling sobol ${MODEL} --n 8 --where 'betta > 1'`)).err).toContain('did you mean "beta"?');
    expect((await run(`sampling sobol ${MODEL} --n 8 --where 'beta > 9'`)).err).toContain('the constraint rejects every parameter set');
    expect((await run(`sampling saltelli ${MODEL} --n 8 --where 'beta > 1'`)).err).toContain('need parameters that are independent');
  });

  it('applies the constraint of the model', async () => {
    project.model = { ...SEIR, constrained: true };
    project.allows = (table) => Uint8Array.from([...rowsIn(table)], ([beta]) => ((beta as number) < 0.5 ? 1 : 0));
    const study = await studyOf(`sampling random ${MODEL} --n 20 --where 'n0 < 5'`);
    expect(study.parameter_sets).toHaveLength(20);
    for (const { beta, n0 } of study.parameter_sets as { beta: number; n0: number }[]) expect(beta < 0.5 && n0 < 5).toBe(true);
    expect(study.metadata.design).toMatchObject({ constrained: true });
  });

  it('keeps priors, units and descriptions in the study and shows them', async () => {
    project.model = {
      ...SEIR,
      parameters: [{ ...SEIR.parameters[0]!, unit: '1/day', description: 'contacts' } as never, ...SEIR.parameters.slice(1)],
    };
    const line = `sampling lhs ${MODEL} --n 50 --prior beta=normal(0.5,0.1) --int-rounding half-even`;
    const study = await studyOf(line);
    expect((study.metadata.design as { parameters: object[] }).parameters[0]).toMatchObject({
      unit: '1/day',
      description: 'contacts',
      prior: { distribution: 'normal', mean: 0.5, sd: 0.1 },
    });
    expect((study.metadata.design as { parameters: object[] }).parameters[2]).toMatchObject({ name: 'n0', rounding: 'half-even' });
    expect((study.parameter_sets as { beta: number }[]).filter(({ beta }) => beta < 0.5)).toHaveLength(25);
    expect((await run(line)).err).toMatch(/beta +float +0.1 … 2 +normal\(0.5, 0.1\) +1\/day +contacts/);
    const refused = await run(`sampling lhs ${MODEL} --n 50 --prior beta=normal(90,0.1) --prior mode=uniform --prior n0=beta(1)`);
    expect(refused.err).toContain('the prior gives the range 0.1 to 2 almost no probability');
    expect(refused.err).toContain('mode is a choice');
    expect(refused.err).toContain('expected beta(alpha,beta)');
  });

  it('gives every set the same seeds with --common-seeds', async () => {
    const study = await studyOf(`sampling sobol ${MODEL} --n 8 --reps 3 --common-seeds`);
    expect(study).toMatchObject({ seed_scheme: 'common', n_replicates: 3 });
  });

  it('reports every invalid option of a Morris design', async () => {
    const { err } = await run(`sampling morris ${MODEL} --trajectories 0 --levels 3`);
    expect(err).toContain('--trajectories: 0 is not a whole number');
    expect(err).toContain('--levels: 3 is odd');
  });
});

describe('cb sampling from and manual', () => {
  it('takes the distinct rows of a table, with defaults for missing columns', async () => {
    project.model = {
      ...SEIR,
      parameters: [...SEIR.parameters.slice(0, 3), { name: 'mode', kind: 'choice', values: ['a', 'b'], default: 'b' }],
    };
    writeFileSync(join(project.folder, 'points.csv'), 'param_beta,sigma,n0,note\n0.5,0.1,3,x\n7,0.2,4,y\n0.5,0.1,3,z\n');
    const study = await studyOf(`sampling from points.csv ${MODEL}`);
    expect(study.parameter_sets).toEqual([
      { beta: 0.5, sigma: 0.1, n0: 3, mode: 'b' },
      { beta: 7, sigma: 0.2, n0: 4, mode: 'b' },
    ]);
    expect(study).toMatchObject({ sampling_method: 'from', metadata: { design: { file: 'points.csv', n_samples: 3, repeated: 1 } } });
    writeFileSync(join(project.folder, 'bad.json'), JSON.stringify([{ beta: 'x', n0: 1.5, mode: 'c' }]));
    const { status, err } = await run(`sampling from bad.json ${MODEL}`);
    expect(status).toBe(2);
    expect(err).toContain('beta, row 1: "x" is not a finite number');
    expect(err).toContain('n0, row 1: 1.5 is not a whole number');
    expect(err).toContain('mode, row 1: "c" is not one of a, b');
    expect(err).toContain('the file has no column sigma');
    expect((await run(`sampling from none.csv ${MODEL}`)).status).toBe(3);
  });

  it('reads Parquet written by other programs', async () => {
    const columns = new Map([
      ['beta', [0.5, 0.75]],
      ['sigma', [0.1, 0.2]],
      ['n0', [1, 2]],
    ]);
    writeFileSync(join(project.folder, 'draws.parquet'), await parquetBytes({ size: 2, columns }));
    const study = await studyOf(`sampling from draws.parquet --model ${MODEL} --fix mode=true`);
    expect(study.parameter_sets[1]).toEqual({ beta: 0.75, sigma: 0.2, n0: 2, mode: true });
  });

  it('makes one set of given values', async () => {
    const study = await studyOf(`sampling manual beta=0.4 sigma=0.1 n0=2 mode=a --model ${MODEL} --n-replicates 9`);
    expect(study).toMatchObject({
      parameter_sets: [{ beta: 0.4, sigma: 0.1, n0: 2, mode: 'a' }],
      sampling_method: 'manual',
      n_replicates: 9,
    });
    const { err } = await run(`sampling manual beta=0.4 gama=1 --model ${MODEL}`);
    expect(err).toContain('sigma: has no value and no default: add sigma=VALUE');
    expect(err).toContain('no parameter "gama"');
    expect((await run(`sampling manual ${MODEL} beta=1`)).err).toContain('name the model with --model');
  });
});
