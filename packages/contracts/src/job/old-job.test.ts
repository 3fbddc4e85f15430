import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { replicateSeed } from '../identity/seed.ts';
import { parseStudy } from '../study.ts';
import { type Binding, bindingSchema } from './spec.ts';
import { createJobTasks } from './tasks.ts';

const old = (name: string) => readFileSync(new URL(`../../golden/old/${name}.json`, import.meta.url), 'utf8');
const load = (name: string) => parseStudy(old(name), `${name}.json`);
const digest = `sha256:${'a7671b13'.repeat(8)}`;
const BINDING: Binding = bindingSchema.parse({
  bundle_ref: digest,
  bundle_digest: digest,
  model_digest: digest,
  entrypoint: 'models.seir.StochasticSEIR/baseline',
  code: digest,
  targets: [],
  outputs: ['prevalence'],
});
const sets = [
  { beta: 0.35, gamma: 0.2 },
  { beta: 1.25, gamma: 0.1 },
];
/** The parameter id and seed of every task as an old file lists them. */
const listed = (name: string): { params: { param_id: string }; seed: number }[] => {
  const job = JSON.parse(old(name));
  return job.tasks ?? job.batches.flatMap(({ tasks }: { tasks: unknown[] }) => tasks);
};
const key = (param: string, seed: bigint | number) => `${param}:${seed}`;
const tasksOf = (name: string) => [...createJobTasks(load(name).study, BINDING)];

describe('files of older versions', () => {
  it('load a study in the ParameterSet wrapper, with its nulls, and one warning that names the replacement', () => {
    const { study, warnings } = load('study-parameter-set');
    expect(study).toMatchObject({ parameter_sets: sets, n_replicates: 3, targets: [], metadata: {} });
    expect(warnings).toEqual([expect.stringMatching(/^study-parameter-set\.json: .*write the values as plain objects/)]);
  });

  it('load a job with batches as the study that it was made from, with one warning', () => {
    const { study, warnings, bound } = load('job-batches');
    expect(study).toMatchObject({ model: 'models.seir:StochasticSEIR', scenario: 'baseline', parameter_sets: sets, n_replicates: 3 });
    expect(bound).toEqual({ bundleRef: `simulation-workflow@${digest}`, config: null });
    expect(warnings).toEqual([expect.stringMatching(/^job-batches\.json: batches: .* is deprecated; write a study instead/)]);
  });

  it('load a job without batches silently', () => {
    const { study, warnings } = load('job-tasks');
    expect(study).toMatchObject({ model: 'models/seir.py:StochasticSEIR', scenario: 'lockdown', parameter_sets: sets, n_replicates: 2 });
    expect(warnings).toEqual([]);
  });

  it.each(['job-batches', 'job-batches-own-seeds', 'job-tasks'])('keep every task of %s, by parameter id and seed', (name) => {
    const expected = listed(name).map(({ params, seed }) => key(params.param_id, seed));
    expect(
      tasksOf(name)
        .map(({ params, seed }) => key(params.param_id, seed))
        .sort(),
    ).toEqual(expected.sort());
  });

  it('keep seeds that do not follow the rule, as replicates of their sets', () => {
    const { study } = load('job-batches-own-seeds');
    expect(study.parameter_sets).toEqual(sets.flatMap((params) => [1000, 1001, 1002].map((seed) => ({ params, seed }))));
    const tasks = createJobTasks(study, BINDING);
    expect([tasks.groupCount, tasks.groupAt(1)]).toEqual([2, { set: 1, start: 3, end: 6 }]);
  });

  it('are refused with every problem if no study has such tasks', () => {
    const job = JSON.parse(old('job-tasks'));
    job.tasks[0].entrypoint = 'models.seir.StochasticSEIR/baseline';
    job.tasks[1].outputs = ['prevalence'];
    expect(() => parseStudy(JSON.stringify(job), 'x.json')).toThrow(
      expect.objectContaining({
        code: 'STUDY_INVALID',
        problems: [
          { path: 'tasks', message: expect.stringMatching(/entry point/), fix: expect.any(String) },
          { path: 'tasks', message: expect.stringMatching(/outputs/), fix: expect.any(String) },
        ],
      }),
    );
    job.tasks[2].seed = -1;
    expect(() => parseStudy(JSON.stringify(job), 'x.json')).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ path: 'tasks[2].seed' })] }),
    );
    expect(() => parseStudy('{"batches": []}', 'x.json')).toThrow(expect.objectContaining({ problems: [expect.anything()] }));
  });
});

describe('entries with explicit seeds', () => {
  const tasksOfSets = (parameter_sets: unknown[]) =>
    createJobTasks(parseStudy(JSON.stringify({ model: 'm.ts:M', parameter_sets, n_replicates: 2 }), 's').study, BINDING);
  const [a, b] = sets;

  it('are replicates of the set with the same values, after those of a plain entry', () => {
    const tasks = tasksOfSets([
      a,
      { params: a, seed: 7 },
      { params: { gamma: 0.2, beta: 0.35 }, seed: '18446744073709551615' },
      { params: b, seed: 7 },
    ]);
    expect(Array.from({ length: tasks.groupCount }, (_, set) => tasks.groupAt(set))).toEqual([
      { set: 0, start: 0, end: 4 },
      { set: 1, start: 4, end: 5 },
    ]);
    const id = tasks.paramsAt(0).param_id;
    expect(Array.from({ length: 5 }, (_, i) => BigInt(tasks.seedAt(i)))).toEqual([
      BigInt(replicateSeed(id, 0)),
      BigInt(replicateSeed(id, 1)),
      7n,
      18446744073709551615n,
      7n,
    ]);
  });

  it('that name the same task twice run it once', () => {
    const tasks = tasksOfSets([
      { params: a, seed: 7 },
      { params: a, seed: 7 },
    ]);
    expect([tasks.groupCount, tasks.count]).toEqual([1, 1]);
  });
});
