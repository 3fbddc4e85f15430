import { aggregationIdOf, createJobTasks, jobSpecSchema } from '@modelops/contracts';
import { createJob } from '@modelops/worker';
import { describe, expect, it } from 'vitest';
import { expectedOutputs } from './expected-outputs.ts';
import { SPEC } from './testing/team.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const jobOf = (study: object) =>
  createJob(
    jobSpecSchema.parse({
      ...SPEC,
      study: { model: SPEC.study.model, ...study },
      binding: { ...SPEC.binding, code: digest, targets: [{ name: 'fit', source: 't.ts:fit', digest, output: 'prevalence' }] },
    }),
  );

describe('expected outputs', () => {
  it('are the replicates of each parameter set, then its aggregations, with their logical addresses', () => {
    const job = jobOf({ parameter_sets: [{ x: 1 }, { params: { x: 2 }, seed: '18446744073709551615' }], n_replicates: 2 });
    const listed = [...expectedOutputs(job)];
    const tasks = createJobTasks(job.spec.study, job.spec.binding);
    expect(listed.map(({ output_type }) => output_type)).toEqual(['simulation', 'simulation', 'aggregation', 'simulation', 'aggregation']);
    expect(listed[0]).toMatchObject({ task_id: tasks.idAt(0), seed: tasks.seedAt(0), param_id: tasks.paramsAt(0).param_id });
    expect(listed[2]).toMatchObject({
      target: 'fit',
      replicate_count: 2,
      aggregation_id: aggregationIdOf('fit', digest as never, [tasks.idAt(0), tasks.idAt(1)]),
    });
    expect(listed[3]).toMatchObject({ seed: '18446744073709551615' });
    const { param_id } = tasks.paramsAt(1);
    expect(listed[3]!.provenance_path).toBe(
      `sims/000000000000/${param_id.slice(0, 2)}/params_${param_id.slice(0, 8)}/seed_18446744073709551615`,
    );
  });

  it('are listed once if a study repeats a parameter set', () => {
    expect([...expectedOutputs(jobOf({ parameter_sets: [{ x: 1 }, { x: 1 }], n_replicates: 3 }))]).toHaveLength(4);
  });

  it('are only the missing ones if the existing ones are given', () => {
    const job = jobOf({ parameter_sets: [{ x: 1 }, { x: 2 }], n_replicates: 2 });
    const there = new Set([0, 1, 2].map((task) => job.tasks.idAt(task)));
    const missing = [...expectedOutputs(job, { hasTask: (id) => there.has(id), hasAggregation: (_, set) => set === 0 })];
    expect(missing).toMatchObject([
      { task_id: job.tasks.idAt(3) },
      { output_type: 'aggregation', param_id: job.tasks.paramsAt(1).param_id },
    ]);
  });

  it('of a job with the maximum number of tasks start without delay', () => {
    const [first] = expectedOutputs(jobOf({ parameter_sets: [{ x: 1 }], n_replicates: 2 ** 24 }));
    expect(first).toMatchObject({ output_type: 'simulation' });
  });
});
