import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '@modelops/model-host/testing';
import { describe, expect, it } from 'vitest';
import { programPath } from './programs.ts';

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
    ['an index that is not a number', ['--job', 'job-1', '--index', 'one'], /USAGE: --index is one/],
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
