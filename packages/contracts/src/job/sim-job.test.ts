import { describe, expect, it } from 'vitest';
import { parseJobId } from '../identity/ids.ts';
import { paramIdOf } from '../identity/param-id.ts';
import { replicateSeed } from '../identity/seed.ts';
import { studySchema } from '../study.ts';
import { toSimJob } from './sim-job.ts';

const ID = parseJobId('job-1');
const REF = `team/epi@sha256:${'a'.repeat(64)}`;
const study = (more: object = {}) =>
  studySchema.parse({ model: 'models/seir.ts:SEIR', parameter_sets: [{ beta: 1 }, { beta: 2 }], n_replicates: 3, ...more });

describe('a study bound to a bundle', () => {
  it('has a task for each replicate of each set, grouped by parameter set', () => {
    const job = toSimJob(study({ outputs: ['prevalence'] }), REF, ID);
    expect(job.taskCount).toBe(6);
    expect([...job.tasks]).toHaveLength(6);
    expect([...job.taskGroups]).toEqual([
      { set: 0, start: 0, end: 3, param_id: paramIdOf({ beta: 1 }) },
      { set: 1, start: 3, end: 6, param_id: paramIdOf({ beta: 2 }) },
    ]);
    expect(job.taskAt(4)).toEqual({
      bundle_ref: REF,
      entrypoint: 'models.seir.SEIR/baseline',
      params: { param_id: paramIdOf({ beta: 2 }), values: { beta: 2 } },
      seed: BigInt(replicateSeed(paramIdOf({ beta: 2 }), 1)),
      outputs: ['prevalence'],
    });
    expect(() => job.taskAt(6)).toThrow(RangeError);
  });

  it('creates a task only when it is read', () => {
    const job = toSimJob(study({ n_replicates: 8_000_000 }), REF, ID);
    expect(job.taskCount).toBe(16_000_000);
    expect(job.taskAt(15_999_999).params.values).toEqual({ beta: 2 });
  });

  it('names its targets, if any, and keeps the metadata', () => {
    expect(toSimJob(study(), REF, ID)).not.toHaveProperty('target_spec');
    const job = toSimJob(study({ targets: ['targets/t.ts:t'], metadata: { design: { method: 'grid' } } }), REF, ID);
    expect(job).toMatchObject({ target_spec: ['targets/t.ts:t'], metadata: { design: { method: 'grid' } } });
  });

  it('needs a bundle reference', () => {
    expect(() => toSimJob(study(), 'latest', ID)).toThrow(/bundle reference/);
  });
});
