import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseStudy } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { sobolColumns } from '../designs/sobol/sobol.ts';
import { MODEL, SEIR, useProject } from '../testing/project.ts';

const project = useProject();

const run = (line: string, cwd?: string) => project.run(line, cwd);
const studyOf = (line: string, cwd?: string) => project.studyOf(line, cwd);

describe('cb sampling sobol', () => {
  it('names models as bundles do, from the bundle project, in a package nested in it too', async () => {
    mkdirSync(join(project.folder, '.modelops-bundle'));
    writeFileSync(join(project.folder, '.modelops-bundle/config.yaml'), '');
    writeFileSync(join(project.folder, 'models/package.json'), '{}');
    const study = await studyOf('sampling sobol ./seir.ts:StochasticSEIR --n-samples 2', join(project.folder, 'models'));
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
    expect(parseStudy(readFileSync(join(project.folder, 'study.json'), 'utf8'), 'study.json').study.parameter_sets).toHaveLength(8);
  });

  it('does not replace a file without --force', async () => {
    const file = join(project.folder, 'study.json');
    writeFileSync(file, 'mine');
    const refused = await run(`sampling sobol ${MODEL} --n-samples 8 -o study.json`);
    expect([refused.status, refused.out]).toEqual([4, '']);
    expect(refused.err).toContain('hint: overwrite it with --force');
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect((await run(`sampling sobol ${MODEL} --n-samples 8 -o study.json --force`)).status).toBe(0);
    expect(parseStudy(readFileSync(file, 'utf8'), file).study.n_replicates).toBe(1);
    expect(readdirSync(project.folder)).not.toContainEqual(expect.stringMatching(/^\.study/));
  });

  it('names files relative to the project from a folder inside it', async () => {
    const study = await studyOf(
      'sampling sobol ../models/seir.ts:StochasticSEIR --n-samples 2 --targets ../targets/prevalence.ts:prevalence',
      join(project.folder, 'notes'),
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
    expect((await run(`sampling sobol ${MODEL} --n-samples 8 --targets targets/deaths.ts:deaths`)).err).not.toContain('did you mean');
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
    expect(readdirSync(project.folder)).not.toContain('study.json');
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
