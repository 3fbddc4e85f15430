import { isModelOpsError, localEnvironment, parseJobId, type RegisteredModel, studySchema } from '@modelops/contracts';
import { ACTIVE_LOCK } from '@modelops/model-host';
import { describe, expect, it } from 'vitest';
import { bindStudy } from '../bind-study.ts';
import { type PreflightInput, preflight } from './preflight.ts';

const digest = `sha256:${'a'.repeat(64)}` as RegisteredModel['model_digest'];
const target = (name: string, output = 'prevalence') => ({
  source: `targets/${name}.ts:${name}`,
  program: `${name}.mjs`,
  description: { output, data: null, behaviour: 1 },
  target_digest: digest,
});
const manifest: PreflightInput['manifest'] = {
  schema_version: 1,
  models: [
    {
      source: 'models/seir.ts:SEIR',
      host: 'node',
      program: 'seir.mjs',
      data: [],
      model_digest: digest,
      description: {
        parameters: [
          { name: 'beta', kind: 'float', min: 0, max: 2, scale: 'linear' },
          { name: 'n0', kind: 'int', min: 1, max: 10, scale: 'linear', default: 1 },
          { name: 'mode', kind: 'choice', values: ['a', 'b'], default: 'a' },
        ],
        scenarios: ['baseline', 'lockdown'],
        outputs: ['prevalence', 'deaths'],
        behaviour: 1,
        fixed: { lockdown: { beta: 0.3 } },
      },
    },
  ],
  targets: [target('prevalence'), target('deaths', 'deaths'), target('cases', 'cases')],
  target_sets: { both: ['targets/prevalence.ts:prevalence', 'targets/deaths.ts:deaths'] },
  files: [],
};

const BIND = {
  job_id: parseJobId('job-1'),
  created_at: 't',
  name: null,
  labels: {},
  schema: 'token',
  config: null,
  timeout_s: 1,
  memory_mib: null,
  max_attempts: 1,
  min_replicates: null,
} as const;

const STUDY = { model: 'models/seir.ts:SEIR', parameter_sets: [{ beta: 1 }], targets: ['targets/prevalence.ts:prevalence'] };
function input(change: Record<string, unknown> = {}, rest: Partial<PreflightInput> = {}): PreflightInput {
  return {
    study: studySchema.parse({ ...STUDY, ...change }),
    source: 'study.json',
    manifest,
    requested: { targets: [], targetSet: undefined },
    options: { name: null, labels: {}, config: null, min_replicates: null },
    registryRef: 'local/epi-sim',
    environment: localEnvironment('/home'),
    ...rest,
  };
}
function refused(given: PreflightInput) {
  try {
    preflight(given);
  } catch (error) {
    if (isModelOpsError(error)) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
const options = (change: object) => ({ options: { ...input().options, ...change } });

describe('preflight', () => {
  it('finds the model and the targets of a study', () => {
    const { model, targets } = preflight(input());
    expect([model.source, targets.map(({ source }) => source)]).toEqual(['models/seir.ts:SEIR', ['targets/prevalence.ts:prevalence']]);
  });

  it('accepts import paths', () => {
    const { model, targets } = preflight(input({ model: 'models.seir:SEIR', targets: ['targets.deaths:deaths'] }));
    expect([model.source, targets.map(({ source }) => source)]).toEqual(['models/seir.ts:SEIR', ['targets/deaths.ts:deaths']]);
    expect(preflight(input({ model: 'models/seir.py:SEIR' })).model.source).toBe('models/seir.ts:SEIR');
  });

  it('replaces the targets of the study with the named targets and target sets, each once', () => {
    const named = (targets: string[], targetSet?: string) =>
      preflight(input({}, { requested: { targets, targetSet } })).targets.map(({ source }) => source);
    expect(named(['targets/deaths.ts:deaths'])).toEqual(['targets/deaths.ts:deaths']);
    expect(named([], 'both')).toEqual(['targets/prevalence.ts:prevalence', 'targets/deaths.ts:deaths']);
    expect(named(['targets/deaths.ts:deaths'], 'both')).toEqual(['targets/deaths.ts:deaths', 'targets/prevalence.ts:prevalence']);
  });

  it('rejects packages of the active interpreter on a cluster, with how to lock them', () => {
    const active = { ...manifest, models: [{ ...manifest.models[0]!, lock: ACTIVE_LOCK }] };
    expect(preflight(input({}, { manifest: active })).model.lock).toBe(ACTIVE_LOCK);
    const cluster = { provider: 'kubernetes', namespace: 'n', image: 'i', workers: 1, cpu: '1', memory: '1Gi' } as const;
    expect(refused(input({}, { manifest: active, environment: { ...localEnvironment('/home'), cluster } }))).toMatchObject({
      code: 'PREFLIGHT_FAILED',
      message: expect.stringContaining('models/seir.ts:SEIR'),
      hint: expect.stringContaining('modelops-bundle push --python lock'),
    });
  });

  it('lists all problems, each with its path and fix', () => {
    const error = refused(
      input(
        {
          scenario: 'lockdwn',
          outputs: ['prevalence', 'death'],
          parameter_sets: [
            { beta: 1, gamma: 2 },
            { n0: 1.5, mode: 'c' },
          ],
          n_replicates: 2,
        },
        {
          requested: { targets: ['targets/none.ts:none', 'targets/deaths.ts:deaths', 'targets/cases.ts:cases'], targetSet: 'bth' },
          registryRef: 'registry.example:5000/epi-sim',
          ...options({ name: 'a\nb', labels: { 'bad label': 'x', ok: 'x'.repeat(64) }, config: { limit: Number.NaN }, min_replicates: 3 }),
        },
      ),
    );
    expect(error).toMatchObject({
      code: 'PREFLIGHT_FAILED',
      exit: 2,
      message: expect.stringMatching(/^study\.json cannot run: \d+ problems$/),
    });
    expect(error.problems.every(({ fix }) => fix !== undefined && fix !== '')).toBe(true);
    expect(error.problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      expect.stringMatching(/^\.modelops-bundle\/config\.yaml: registry_ref: .*environment local is local$/),
      expect.stringMatching(/^scenario: .*baseline, lockdown/),
      expect.stringMatching(/^outputs\[1\]: the model has no output death/),
      expect.stringMatching(/^parameter_sets\[0\]\.gamma: the model has no parameter gamma/),
      expect.stringMatching(/^parameter_sets\[1\]\.n0: invalid value 1\.5: expected a whole number/),
      expect.stringMatching(/^parameter_sets\[1\]\.mode: invalid value "c": expected a choice of "a", "b"/),
      expect.stringMatching(/^parameter_sets\[1\]: parameter beta has no value/),
      expect.stringMatching(/^--target-set: the bundle has no target set bth; did you mean both\?/),
      expect.stringMatching(/^--target: target targets\/none\.ts:none is not registered/),
      expect.stringMatching(/^--target: targets\/deaths\.ts:deaths reads output deaths, which is not in outputs/),
      expect.stringMatching(/^--target: targets\/cases\.ts:cases reads output cases, which the model lacks; it has prevalence, deaths$/),
      expect.stringMatching(/^--name: /),
      expect.stringMatching(/^--label: invalid label "bad label"/),
      expect.stringMatching(/^--label: the value of ok/),
      expect.stringMatching(/^--config: NaN/),
      expect.stringMatching(/^--min-replicates: a loss needs 3 replicates, but each parameter set has 2/),
    ]);
  });

  it('rejects a study that varies a parameter fixed by its scenario, once, with the fix', () => {
    const sets = [{ beta: 0.3 }, { beta: 0.5 }, { beta: 0.7 }];
    const { message, hint } = refused(input({ scenario: 'lockdown', parameter_sets: sets }));
    expect(message).toMatch(/parameter_sets\[1\]\.beta: scenario lockdown fixes beta at 0\.3, and the study has 0\.5$/);
    expect(hint).toMatch(/remove beta from the parameter sets, or use another scenario/);
  });

  it('accepts a study without the parameters that its scenario fixes, and binds it with the fixed values', () => {
    for (const parameter_sets of [[{ n0: 2 }], [{ n0: 2, beta: 0.3 }]]) {
      const given = input({ scenario: 'lockdown', parameter_sets });
      const bound = bindStudy(given.study, preflight(given), { ref: digest, digest, manifest }, BIND);
      expect(bound.study.parameter_sets).toEqual([{ beta: 0.3, n0: 2, mode: 'a' }]);
    }
  });

  it('counts the problems that it does not list', () => {
    const error = refused(input({ parameter_sets: Array.from({ length: 200 }, () => ({ gamma: 1 })) }));
    expect(error.message).toMatch(/the first 50 of them$/);
    expect(error.problems).toHaveLength(50);
  });

  it('has the code of the problems if they all have the same', () => {
    expect(refused(input({ model: 'models/sier.ts:SEIR' }))).toMatchObject({
      code: 'MODEL_NOT_FOUND',
      exit: 3,
      message: expect.stringMatching(/did you mean models\/seir\.ts:SEIR\?/),
      hint: expect.stringMatching(/modelops-bundle register-model models\/sier\.ts:SEIR$/),
    });
    expect(refused(input({ targets: ['targets/a.ts:a', 'targets/b.ts:b'] }))).toMatchObject({ code: 'TARGET_NOT_FOUND', exit: 3 });
    expect(refused(input({}, options({ labels: { '': 'x' } })))).toMatchObject({ code: 'USAGE', exit: 2 });
  });

  it('reports a target where it was given, and suggests the registered target of that name', () => {
    const named = (target: string) => refused(input({}, { requested: { targets: [target], targetSet: undefined } }));
    expect(named('cases').message).toBe('--target: target cases is not registered in the bundle; did you mean targets/cases.ts:cases?');
    expect(named('targets/deats.ts:deaths').message).toMatch(/did you mean targets\/deaths\.ts:deaths\?$/);
    expect(named('targets/hospital.ts:beds').message).toMatch(/is not registered in the bundle$/);
    expect(named('cases').hint).toBe('use that name, or modelops-bundle register-target FILE:cases');
    expect(named('targets/cases.ts:cases').message).toBe(
      '--target: targets/cases.ts:cases reads output cases, which the model lacks; it has prevalence, deaths',
    );
    expect(refused(input({ targets: ['targets/prevalence.ts:prevalence', 'targets/cases.ts:cases'] })).message).toMatch(
      /^study\.json: targets\[1\]: targets\/cases\.ts:cases reads/,
    );
  });

  it('accepts values outside the bounds, which limit only designs, and replicates with their own seeds', () => {
    expect(() => preflight(input({ parameter_sets: [{ beta: 99 }] }))).not.toThrow();
    const parameter_sets = [1, 2, 3].map((seed) => ({ params: { beta: 1 }, seed }));
    expect(() => preflight(input({ parameter_sets }, options({ min_replicates: 3 })))).not.toThrow();
  });

  it('does not check the project if the bundle is named with its repository', () => {
    expect(() => preflight(input({}, { registryRef: undefined }))).not.toThrow();
  });
});
