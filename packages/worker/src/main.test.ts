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

/** Runs the built worker with a home of its own. */
function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const options = { env: { PATH: process.env.PATH, MODELOPS_HOME: makeFolder(), ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, [programPath('mops-worker'), ...args], options, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe('mops-worker', () => {
  it('says how it is used', async () => {
    expect(await run(['--help'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^usage: mops-worker --job JOB/) });
  });

  it.each([
    ['an unknown option', ['--jbo', 'job-1'], /USAGE: Unknown option '--jbo'/],
    ['no job', ['--index', '0'], /USAGE: --job is missing/],
    ['no index', ['--job', 'job-1'], /USAGE: --index is missing/],
    ['an index that is no number', ['--job', 'job-1', '--index', 'one'], /USAGE: --index is one/],
    ['what is no job', ['--job', 'Job 1', '--index', '0'], /IDENTITY_INVALID: "Job 1" is not a job id/],
    ['a job that is not there', ['--job', 'job-1', '--index', '0'], /JOB_NOT_FOUND: there is no job job-1/],
  ])('ends for good, saying why, with %s', async (_what, args, message) => {
    const { status, stdout, stderr } = await run(args);
    expect(stderr).toMatch(message);
    expect([status, stdout]).toEqual([42, '']);
  });

  it.each([
    ['is not there', undefined, /ENVIRONMENT_NOT_FOUND: .*none\.yaml cannot be read/],
    ['is no environment', 'storage: 7\n', /CONFIG_INVALID: .*env\.yaml/],
  ])('ends for good where the file of its environment %s', async (_what, text, message) => {
    const file = join(makeFolder(), text === undefined ? 'none.yaml' : 'env.yaml');
    if (text !== undefined) writeFileSync(file, text);
    const { status, stderr } = await run(['--job', 'job-1', '--index', '0'], { MODELOPS_ENVIRONMENT_FILE: file });
    expect(stderr).toMatch(message);
    expect(status).toBe(42);
  });

  it('takes its index from Kubernetes where it is not told', async () => {
    expect((await run(['--job', 'job-1'], { JOB_COMPLETION_INDEX: '3' })).stderr).toMatch(/JOB_NOT_FOUND/);
  });
});
