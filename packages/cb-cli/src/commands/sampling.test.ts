import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseStudy, type SimulationStudy } from '@modelops/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { rowsIn } from '../designs/parameter-table.ts';
import { sobolColumns } from '../designs/sobol/sobol.ts';
import { parquetBytes } from '../tables/write-table.ts';
import { createProject, MODEL, SEIR, type TestProject } from '../testing/project.ts';

let project: TestProject;
let folder: string;

beforeEach(() => {
  project = createProject();
  folder = project.folder;
});

const run = (line: string, cwd?: string) => project.run(line, cwd);

async function studyOf(line: string, cwd?: string): Promise<SimulationStudy> {
  const { status, out, err } = await run(line, cwd);
  expect(err).not.toContain('error');
  expect(status).toBe(0);
  const { study, warnings } = parseStudy(out, 'stdout');
  expect(warnings).toEqual([]);
  return study;
}

describe('cb sampling sobol', () => {
  it('names models as bundles do, from the bundle project, in a package nested in it too', async () => {
    mkdirSync(join(folder, '.modelops-bundle'));
    writeFileSync(join(folder, '.modelops-bundle/config.yaml'), '');
    writeFileSync(join(folder, 'models/package.json'), '{}');
    const study = await studyOf('sampling sobol ./seir.ts:StochasticSEIR --n-samples 2', join(folder, 'models'));
    expect(study.model).toBe(MODEL);
  });

  it('prints a study whose j-th dimension is the j-th declared parameter, scaled as it declares', async () => {
    const study = await studyOf(`sampling sobol ${MODEL} --n-samples 64 --seed 7`);
    const [u0, u1, u2, u3] = sobolColumns(64, { dimensions: 4, seed: 7n }) as [Float64Array, Float64Array, Float64Array, Float64Array];
    study.parameter_sets.forEach((set, at) => {
      const { beta, sigma, n0, mode } = set as Record<string, number | string | boolean>;
      expect(beta).toBe(0.1 + u0[at]! * 1.9);
      expect(sigma).toBeCloseTo(0.05 * 10 ** u1[at]!, 12);
      expect(n0).toBe(1 + Math.floor(10 * u2[at]!));
      expect(mode).toBe(['a', 'b', true][Math.floor(3 * u3[at]!)]);
    });
  });

  it('records everything that determines the study in its header and metadata', async () => {
    const { parameter_sets, ...header } = await studyOf(
      `sampling sobol ${MODEL} --n-samples 8 --seed 18446744073709551615 --n-replicates 500 --scenario lockdown --outputs prevalence --targets targets/prevalence.ts:prevalence --targets targets.other:prevalence_target --fix n0=3 --range beta=0.2:0.6`,
    );
    expect(parameter_sets).toHaveLength(8);
    expect(header).toEqual({
      model: MODEL,
      scenario: 'lockdown',
      sampling_method: 'sobol',
      n_replicates: 500,
      seed_scheme: 'per-set',
      outputs: ['prevalence'],
      targets: ['targets/prevalence.ts:prevalence', 'targets.other:prevalence_target'],
      metadata: {
        design: {
          method: 'sobol',
          seed: '18446744073709551615',
          scramble: true,
          n_samples: 8,
          bits: 30,
          parameters: [
            { name: 'beta', kind: 'float', min: 0.2, max: 0.6, scale: 'linear' },
            { name: 'sigma', kind: 'float', min: 0.05, max: 0.5, scale: 'log' },
            { name: 'n0', kind: 'fixed', value: 3 },
            { name: 'mode', kind: 'choice', values: ['a', 'b', true] },
          ],
          tool: 'cb',
          version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        },
      },
    });
  });

  it('prints the design, the parameters and the counts on stderr, but not with --quiet', async () => {
    const { err } = await run(`sampling sobol ${MODEL} --n-samples 256 --n-replicates 500`);
    expect(err).toContain('Sobol design, scrambled with seed 0');
    expect(err).toMatch(/sigma +float +0.05 … 0.5 +log/);
    expect(err).toContain('256 parameter sets × 500 replicates = 128,000 tasks');
    expect((await run(`sampling sobol ${MODEL} --n-samples 256 --quiet`)).err).toBe('');
  });

  it('gives the same bytes for the same command, and extends a shorter study', async () => {
    const command = `sampling sobol ${MODEL} --n-samples`;
    const [first, again] = [await run(`${command} 256`), await run(`${command} 256`)];
    expect(again.out).toBe(first.out);
    const [short, long] = [await studyOf(`${command} 256`), await studyOf(`${command} 512`)];
    expect(long.parameter_sets.slice(0, 256)).toEqual(short.parameter_sets);
    expect((await studyOf(`${command} 256 --seed 1`)).parameter_sets).not.toEqual(short.parameter_sets);
  });

  it('starts at the lower bounds with --no-scramble', async () => {
    const study = await studyOf(`sampling sobol ${MODEL} --n-samples 4 --no-scramble`);
    expect(study.parameter_sets[0]).toEqual({ beta: 0.1, sigma: 0.05, n0: 1, mode: 'a' });
    expect(study.metadata.design).toMatchObject({ scramble: false, seed: null });
  });

  it('does not change other values when one parameter is fixed', async () => {
    const free = await studyOf(`sampling sobol ${MODEL} --n-samples 16`);
    const fixed = await studyOf(`sampling sobol ${MODEL} --n-samples 16 --fix sigma=0.2 --fix mode=true`);
    expect(fixed.parameter_sets).toEqual(free.parameter_sets.map((set) => ({ ...set, sigma: 0.2, mode: true })));
  });

  it('warns when the number of samples is not a power of 2', async () => {
    const { status, err } = await run(`sampling sobol ${MODEL} --n-samples 300 -q`);
    expect(status).toBe(0);
    expect(err).toBe('warning: Sobol points are balanced only for powers of 2: use 256 or 512 samples\n');
  });

  it('lists a repeated set once, and warns', async () => {
    const { err } = await run(`sampling sobol ${MODEL} --n-samples 64 -q --fix beta=1 --fix sigma=0.1`);
    expect(err).toBe('warning: 35 of 64 rows repeat a parameter set; each set is listed once\n');
    const study = await studyOf(`sampling sobol ${MODEL} --n-samples 64 --fix beta=1 --fix sigma=0.1`);
    expect(new Set(study.parameter_sets.map((set) => JSON.stringify(set))).size).toBe(29);
    expect(study.parameter_sets).toHaveLength(29);
    expect(study.metadata.design).toMatchObject({ n_samples: 64, repeated: 35 });
  });

  it('prints the study with --json too, and a report if it is written to a file', async () => {
    const plain = await run(`sampling sobol ${MODEL} --n-samples 8`);
    expect((await run(`sampling sobol ${MODEL} --n-samples 8 --json`)).out).toBe(plain.out);
    const { out } = await run(`sampling sobol ${MODEL} --n-samples 8 --n-replicates 3 -o study.json --json`);
    expect(JSON.parse(out)).toMatchObject({ schema: 'modelops.cb.sampling/v1', output: 'study.json', parameter_sets: 8, tasks: 24 });
    expect(parseStudy(readFileSync(join(folder, 'study.json'), 'utf8'), 'study.json').study.parameter_sets).toHaveLength(8);
  });

  it('does not replace a file without --force', async () => {
    const file = join(folder, 'study.json');
    writeFileSync(file, 'mine');
    const refused = await run(`sampling sobol ${MODEL} --n-samples 8 -o study.json`);
    expect([refused.status, refused.out]).toEqual([4, '']);
    expect(refused.err).toContain('hint: overwrite it with --force');
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect((await run(`sampling sobol ${MODEL} --n-samples 8 -o study.json --force`)).status).toBe(0);
    expect(parseStudy(readFileSync(file, 'utf8'), file).study.n_replicates).toBe(1);
    expect(readdirSync(folder)).not.toContainEqual(expect.stringMatching(/^\.study/));
  });

  it('names files relative to the project from a folder inside it', async () => {
    const study = await studyOf(
      'sampling sobol ../models/seir.ts:StochasticSEIR --n-samples 2 --targets ../targets/prevalence.ts:prevalence',
      join(folder, 'notes'),
    );
    expect(study).toMatchObject({ model: MODEL, targets: ['targets/prevalence.ts:prevalence'] });
    expect(project.reads).toEqual([MODEL]);
  });

  it('suggests the nearest file for a model or target that does not exist', async () => {
    const noModel = await run('sampling sobol models/sier.ts:StochasticSEIR --n-samples 8');
    expect(noModel).toMatchObject({
      status: 3,
      out: '',
      err: 'error: model file models/sier.ts not found\nhint: did you mean models/seir.ts:StochasticSEIR?\n',
    });
    const noTarget = await run(`sampling sobol ${MODEL} --n-samples 8 --targets targets/prevalance.ts:prevalence`);
    expect(noTarget).toMatchObject({ status: 3, out: '' });
    expect(noTarget.err).toContain('did you mean targets/prevalence.ts:prevalence?');
  });

  it('reports an export that does not exist', async () => {
    expect(await run('sampling sobol models/seir.ts:Sier --n-samples 8')).toMatchObject({ status: 3, out: '' });
  });

  it('refuses a model outside the project', async () => {
    const { status, err } = await run('sampling sobol ../seir.ts:M --n-samples 8');
    expect(status).toBe(2);
    expect(err).toContain('is outside the project');
  });

  it('lists all problems at once, and writes nothing', async () => {
    const { status, out, err } = await run(
      `sampling sobol ${MODEL} --n-samples 0 --seed -1 --n-replicates 0.5 --scenario lockdwn --outputs prevalnce --targets targets/x.ts:y --fix gama=1 --fix beta=9 --fix mode=c --range sigm=1:2 --range n0=1.5:3 -o study.json`,
    );
    expect([status, out]).toEqual([2, '']);
    for (const line of [
      '--targets[0]: target file targets/x.ts not found',
      '--n-samples: 0 is not a whole number from 1',
      '--seed: invalid seed "-1": expected a whole number',
      '--n-replicates: 0.5 is not a whole number',
      '--scenario: the model has no scenario "lockdwn"; did you mean "lockdown"?',
      '--outputs: the model has no output "prevalnce"; did you mean "prevalence"?',
      '--fix gama: the model has no parameter "gama"',
      '--fix beta: 9 is not within the declared range 0.1:2',
      '--fix mode: "c" is not one of a, b, true',
      '--range sigm: the model has no parameter "sigm"; did you mean "sigma"?',
      '--range n0: "1.5:3" is not two whole numbers',
    ]) {
      expect(err).toContain(line);
    }
    expect(readdirSync(folder)).not.toContain('study.json');
  });

  it('refuses bounds that are not numbers, reversed, or outside what the model declares', async () => {
    for (const [range, message] of [
      ['beta=NaN:1', ': expected min:max, two finite numbers'],
      ['beta=0.2', ': expected min:max, two finite numbers'],
      ['beta=1:0.5', 'its lower bound 1 is above its upper bound 0.5'],
      ['beta=0:1', 'is not within the declared range 0.1:2'],
      ['mode=0:1', 'is a choice, which has no range'],
    ]) {
      const { status, err } = await run(`sampling sobol ${MODEL} --n-samples 8 --range ${range}`);
      expect(status).toBe(2);
      expect(err).toContain(message);
    }
  });

  it('refuses a model whose own bounds are not usable', async () => {
    project.model = {
      ...SEIR,
      parameters: [
        { name: 'x', kind: 'float', min: Number.NaN, max: 1, scale: 'linear' },
        { name: 'y', kind: 'float', min: 0, max: 1, scale: 'log' },
      ],
    };
    const { status, err } = await run(`sampling sobol ${MODEL} --n-samples 8`);
    expect(status).toBe(2);
    expect(err).toContain('x: its bounds NaN and 1 are not finite');
    expect(err).toContain('y: its scale is logarithmic');
  });

  it('refuses a design without a parameter to vary', async () => {
    project.model = { ...SEIR, parameters: SEIR.parameters.slice(0, 1) };
    const { status, err } = await run(`sampling sobol ${MODEL} --n-samples 8 --fix beta=1`);
    expect(status).toBe(2);
    expect(err).toContain('no parameter varies');
  });
});

describe('a written study', () => {
  it.each([
    ['study-sobol', `sampling sobol ${MODEL} --n-samples 8 --seed 42 --n-replicates 20 --targets targets/prevalence.ts:prevalence`],
    ['study-grid', `sampling grid ${MODEL} --grid-points 2,beta=3 --scenario lockdown --outputs incidence`],
  ])('has the bytes of golden/%s.json', async (name, line) => {
    const text = (await run(line)).out.replace(/"version": "[^"]*"/, '"version": "VERSION"');
    await expect(text).toMatchFileSnapshot(`../../golden/${name}.json`);
  });

  it('goes to stdout with --output -', async () => {
    expect((await run(`sampling sobol ${MODEL} --n-samples 8 -o -`)).out).toBe((await run(`sampling sobol ${MODEL} --n-samples 8`)).out);
  });
});

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
    writeFileSync(join(folder, 'points.csv'), 'param_beta,sigma,n0,note\n0.5,0.1,3,x\n7,0.2,4,y\n0.5,0.1,3,z\n');
    const study = await studyOf(`sampling from points.csv ${MODEL}`);
    expect(study.parameter_sets).toEqual([
      { beta: 0.5, sigma: 0.1, n0: 3, mode: 'b' },
      { beta: 7, sigma: 0.2, n0: 4, mode: 'b' },
    ]);
    expect(study).toMatchObject({ sampling_method: 'from', metadata: { design: { file: 'points.csv', n_samples: 3, repeated: 1 } } });
    writeFileSync(join(folder, 'bad.json'), JSON.stringify([{ beta: 'x', n0: 1.5, mode: 'c' }]));
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
    writeFileSync(join(folder, 'draws.parquet'), await parquetBytes({ size: 2, columns }));
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

describe('a model is named', () => {
  const register = (...sources: string[]) => {
    mkdirSync(join(folder, '.modelops-bundle'), { recursive: true });
    const targets =
      '\ntargets:\n  - source: targets/prevalence.ts:prevalence\n    description: { output: prevalence, data: null, behaviour: 1 }\n';
    writeFileSync(
      join(folder, '.modelops-bundle/registry.yaml'),
      `models:\n${sources.map((source) => `  - source: ${source}\n`).join('')}${targets}`,
    );
  };
  it.each([
    [`sampling sobol models.seir:StochasticSEIR --n 2`],
    ['sampling sobol seir --n 2'],
    ['sampling sobol StochasticSEIR --n 2'],
    ['sampling sobol --model seir --n 2'],
    ['sampling sobol --n 2'],
  ])('by %s', async (line) => {
    register(MODEL);
    expect((await studyOf(line)).model).toBe(MODEL);
  });

  it('or the error lists the ways to name it', async () => {
    expect((await run('sampling sobol --n 2')).err).toContain('no model is registered in this project');
    register(MODEL, 'models/sir.ts:SIR');
    expect((await run('sampling sobol --n 2')).err).toContain('specify the model: seir, sir');
    expect((await run('sampling sobol seirs --n 2')).err).toContain('did you mean seir?');
    expect((await run('sampling sobol models.sear:StochasticSEIR --n 2')).err).toContain('module models.sear not found');
    expect((await run('sampling sobol models/seir.ts --n 2')).err).toContain('models/seir.ts:NAME');
  });

  it('by cb models list and show, with what it declares', async () => {
    register(MODEL);
    project.model = { ...SEIR, fixed: { lockdown: { beta: 0.3 } } };
    const list = await run('models list');
    expect(list.out).toMatch(
      /seir +models\/seir.ts:StochasticSEIR +beta, sigma, n0, mode +baseline, lockdown +prevalence, incidence +targets\/prevalence.ts:prevalence/,
    );
    const { out } = await run('models show');
    expect(out).toMatch(/sigma +float +0.05 … 0.5 +log/);
    expect(out).toContain('scenarios: baseline, lockdown (fixes beta = 0.3)');
    expect(out).toContain('targets: targets/prevalence.ts:prevalence');
    expect(JSON.parse((await run('models show seir --json')).out)).toMatchObject({
      schema: 'modelops.cb.model/v1',
      model: MODEL,
      fixed: { lockdown: { beta: 0.3 } },
    });
    register('models/seir.ts:Gone');
    expect((await run('models list')).out).toContain('models/seir.ts:Gone does not exist');
  });
});
