import { type BundleManifest, digestOf, type JobSpec, type RegisteredModel } from '@modelops/contracts';
import { BEHAVIOUR_VERSION } from '@modelops/sdk';
import { describe, expect, it } from 'vitest';
import { modelOf } from './load-message.ts';
import { makeJob } from './testing/made-jobs.ts';

const { spec } = makeJob({ sets: 1, replicates: 1 });

function bundleWith(change: Partial<RegisteredModel> = {}): { manifest: BundleManifest } {
  const model: RegisteredModel = {
    source: spec.study.model,
    host: 'node',
    program: 'p.mjs',
    data: [],
    description: { parameters: [], scenarios: ['baseline'], outputs: ['o'], behaviour: BEHAVIOUR_VERSION },
    model_digest: spec.binding.model_digest,
    ...change,
  };
  return { manifest: { schema_version: 1, models: [model], targets: [], files: [] } };
}

const rebound = (change: Partial<JobSpec['binding']>): JobSpec => ({ ...spec, binding: { ...spec.binding, ...change } });

describe('the model of a job', () => {
  it('is the one in the bundle that has the digest of the job', () => {
    expect(modelOf(spec, bundleWith()).source).toBe(spec.study.model);
  });

  it.each([
    ['of another digest', spec, { model_digest: digestOf('another program') }],
    ['that the job would store under another address', rebound({ code: digestOf('elsewhere') }), {}],
    [
      'of another behaviour version',
      spec,
      { description: { parameters: [], scenarios: [], outputs: [], behaviour: BEHAVIOUR_VERSION + 1 } },
    ],
    ['that the bundle does not have', spec, { source: 'models/other.ts:Other' }],
  ])('is refused where it is one %s', (_what, job, change) => {
    expect(() => modelOf(job, bundleWith(change))).toThrow(expect.objectContaining({ code: 'BUNDLE_INVALID' }));
  });
});
