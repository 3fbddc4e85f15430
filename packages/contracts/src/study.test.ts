import { describe, expect, it } from 'vitest';
import { isModelOpsError } from './errors.ts';
import { parseStudy } from './study.ts';

const study = { model: 'models/seir.ts:SEIR', scenario: 'baseline', parameter_sets: [{ beta: 1 }], n_replicates: 2 };
const problemsOf = (value: unknown) => {
  try {
    parseStudy(typeof value === 'string' ? value : JSON.stringify(value), 'study.json');
  } catch (error) {
    if (isModelOpsError(error, 'STUDY_INVALID'))
      return [error.message, ...error.problems.map(({ path, message }) => `${path}: ${message}`)];
    throw error;
  }
  return [];
};

describe('a study', () => {
  it('has defaults', () => {
    expect(parseStudy(JSON.stringify(study), 's').study).toMatchObject({
      outputs: null,
      targets: [],
      sampling_method: 'manual',
      n_replicates: 2,
    });
  });
  it('refuses an unknown field with the nearest known name', () => {
    expect(problemsOf({ ...study, n_replicate: 3 })).toContain('n_replicate: unknown field; did you mean "n_replicates"?');
  });
  it('accepts a study seed only with common seeds', () => {
    expect(parseStudy(JSON.stringify({ ...study, seed_scheme: 'common', seed: 7 }), 's').study).toMatchObject({
      seed_scheme: 'common',
      seed: 7,
    });
    expect(problemsOf({ ...study, seed: 7 })).toContain('seed: has no effect without "seed_scheme": "common"');
    expect(problemsOf({ ...study, seed_scheme: 'comon' }).join()).toMatch(/did you mean common\?/);
  });
  it('names the file and the position of invalid JSON', () => {
    expect(problemsOf(`{\n  "model": "${'m'.repeat(60)}" "scenario"}`)[0]).toMatch(/study\.json is not valid JSON at line 2, column \d+/);
    expect(problemsOf('{"model": }')[0]).toMatch(/study\.json is not valid JSON: Unexpected token/);
    expect(problemsOf('{"model": "a')[0]).toMatch(/study\.json is not valid JSON/);
    expect(problemsOf('')[0]).toMatch(/it is empty/);
  });
  it('lists every problem with its path', () => {
    const problems = problemsOf({
      ...study,
      scenario: 'Bad One',
      n_replicates: 0,
      parameter_sets: [{ beta: 1 }, { beta: null }, { params: { beta: 1 }, seed: -1 }],
    });
    expect(problems.join('\n')).toMatch(/scenario: /);
    expect(problems.join('\n')).toMatch(/n_replicates: /);
    expect(problems.join('\n')).toMatch(/parameter_sets\[1\]\.beta: /);
    expect(problems.join('\n')).toMatch(/parameter_sets\[2\]\.seed: /);
  });
  it('loads the ParameterSet wrapper with one warning that names the replacement', () => {
    const { study: loaded, warnings } = parseStudy(JSON.stringify({ ...study, parameter_sets: [{ params: { beta: 1 } }] }), 's.json');
    expect(loaded.parameter_sets).toEqual([{ beta: 1 }]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/s\.json.*plain objects/);
  });
});
