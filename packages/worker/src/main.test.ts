import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundleProvider } from '@modelops/bundle';
import { digestOf, localEnvironment } from '@modelops/contracts';
import { makeFolder } from '@modelops/model-host/testing';
import { BEHAVIOUR_VERSION } from '@modelops/sdk';
import { describe, expect, it } from 'vitest';
import { type MadeBundle, pushMade } from '../../bundle/src/testing/made-bundles.ts';
import { openStores } from './open-stores.ts';
import { programPath } from './programs.ts';
import { makeJob, startJob } from './testing/made-jobs.ts';

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built worker with a fresh home. */
function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const options = { env: { PATH: process.env.PATH, MODELOPS_HOME: makeFolder(), ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, [programPath('mops-worker'), ...args], options, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe('mops-worker', () => {
  it('prints its usage', async () => {
    expect(await run(['--help'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^usage: mops-worker --job JOB/) });
  });

  it.each([
    ['an unknown option', ['--jbo', 'job-1'], /USAGE: Unknown option '--jbo'/],
    ['no job', ['--index', '0'], /USAGE: --job is missing/],
    ['no index', ['--job', 'job-1'], /USAGE: --index is missing/],
    [
      'an index that is not a number',
      ['--job', 'job-1', '--index', 'one'],
      /USAGE: invalid --index: expected a whole number of at least 0, got "one"/,
    ],
    ['an invalid job id', ['--job', 'Job 1', '--index', '0'], /IDENTITY_INVALID: invalid job id "Job 1"/],
    ['an unknown job', ['--job', 'job-1', '--index', '0'], /JOB_NOT_FOUND: .*job-1/],
  ])('exits with the final status and the reason for %s', async (_what, args, message) => {
    const { status, stdout, stderr } = await run(args);
    expect(stderr).toMatch(message);
    expect([status, stdout]).toEqual([42, '']);
  });

  it.each([
    ['is missing', undefined, /ENVIRONMENT_NOT_FOUND: cannot read .*none\.yaml/],
    ['is not an environment', 'storage: 7\n', /CONFIG_INVALID: .*env\.yaml/],
  ])('exits with the final status if its environment file %s', async (_what, text, message) => {
    const file = join(makeFolder(), text === undefined ? 'none.yaml' : 'env.yaml');
    if (text !== undefined) writeFileSync(file, text);
    const { status, stderr } = await run(['--job', 'job-1', '--index', '0'], { MODELOPS_ENVIRONMENT_FILE: file });
    expect(stderr).toMatch(message);
    expect(status).toBe(42);
  });

  it('takes its index from Kubernetes if --index is missing', async () => {
    expect((await run(['--job', 'job-1'], { JOB_COMPLETION_INDEX: '3' })).stderr).toMatch(/JOB_NOT_FOUND/);
  });
});

describe('a worker with a hostile bundle', () => {
  const listed = [{ path: '.modelops-bundle/compiled/m.mjs', text: 'export const Model = 1;' }];
  const model = {
    source: 'models/m.ts:Model',
    host: 'node',
    program: listed[0]!.path,
    data: [],
    description: { parameters: [], scenarios: ['baseline'], outputs: ['out'], behaviour: BEHAVIOUR_VERSION },
    model_digest: digestOf('code'),
  };

  it.each<[string, MadeBundle, RegExp]>([
    ['a path out of its folder', { listed: [...listed, { path: '../evil', text: '' }] }, /BUNDLE_INVALID: .*\.\.\/evil/],
    ['another program under an honest digest', { listed, claim: (config) => ({ ...config, models: [model] }) }, /BUNDLE_INVALID: /],
    ['a layer of other bytes', { listed, damage: (layer) => layer.subarray(0, 40) }, /BUNDLE_INVALID: /],
    ['a model that is not the one of the job', { listed }, /BUNDLE_INVALID: /],
  ])('exits with the final status for %s, and no engine restarts it', async (_what, made, message) => {
    const home = makeFolder();
    const { registry, storage } = localEnvironment(home);
    const digest = await pushMade(await openBundleProvider(registry), made);
    const job = makeJob({ sets: 1, replicates: 1 });
    const binding = { ...job.spec.binding, bundle_ref: `team/made@${digest}`, bundle_digest: digest };
    const stores = await openStores({ storage }, { cacheDir: join(home, 'cache') });
    await startJob({ ...job, spec: { ...job.spec, binding } }, stores);
    const { status, stderr } = await run(['--job', job.id, '--index', '0'], { MODELOPS_HOME: home });
    expect(stderr).toMatch(message);
    expect(status).toBe(42);
  });
});
