import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openFolder, pack, published, root, run, tsc } from './pack.ts';

const CLIENT = `
import { openResultClient, parseJobId } from '@modelops/mops-cli/results';
const client = await openResultClient({ home: process.env.MODELOPS_HOME, cwd: process.cwd() });
console.log((await client.getLosses(parseJobId(process.argv[2]))).length);
`;
/** Messages of npm when its registry is unreachable or fails. */
const UNREACHABLE = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|E5\d\d|E429)\b/;

const folder = openFolder();
const project = join(folder.dir, 'project');
const env = { ...process.env, MODELOPS_HOME: join(folder.dir, 'home') };
afterAll(folder.remove);

/** Runs a program of the installed packages; returns its stdout. */
async function program(name: string, ...args: string[]): Promise<string> {
  return (await run(join(project, 'node_modules/.bin', name), args, { cwd: project, env })).stdout;
}

/** Installs into a folder that contains only a package.json; returns the reason if npm's registry is unreachable. */
async function install(tarballs: readonly string[]): Promise<string | undefined> {
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--no-progress', '--fetch-retries=1', ...tarballs];
  return run('npm', args, { cwd: project, timeout: 240_000 }).then(
    ({ stderr }) => {
      expect(stderr).not.toContain('EBADENGINE');
      return undefined;
    },
    (error: { stderr: string; killed: boolean }) => {
      if (error.killed) return "npm's registry did not serve all packages within 240 s";
      if (UNREACHABLE.test(error.stderr)) return `npm's registry is unreachable: ${UNREACHABLE.exec(error.stderr)![0]}`;
      throw error;
    },
  );
}

describe('the packed packages', () => {
  it('run a study to its best parameters after npm install', { timeout: 600_000 }, async ({ skip }) => {
    cpSync(join(root, 'examples/seir-ts'), project, {
      recursive: true,
      filter: (path) => !/\/(node_modules|out|dist|scripts|\.modelops-bundle|study\.json)$/.test(path.slice(root.length - 1)),
    });
    writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
    const reason = await install(await pack(published, join(folder.dir, 'tarballs')));
    if (reason !== undefined) {
      console.warn(`packed packages are not installed: ${reason}`);
      skip(reason);
    }

    const compiled = ['models/seir.ts', 'targets/prevalence.ts', '--noEmit', '--strict', '--ignoreConfig', '--module', 'nodenext'];
    await run(process.execPath, [tsc, ...compiled, '--target', 'es2022', '--types', ''], { cwd: project });
    await program('modelops-bundle', 'init', 'epi-sim');
    await program('modelops-bundle', 'register-model', 'models/seir.ts');
    const design = ['--n-samples', '16', '--n-replicates', '4', '--targets', 'targets/prevalence.ts:prevalence'];
    const study = await program('cb', 'sampling', 'sobol', 'models/seir.ts:StochasticSEIR', ...design);
    writeFileSync(join(project, 'study.json'), study);
    await program('modelops-bundle', 'push');
    const submitted = JSON.parse(await program('mops', 'jobs', 'submit', 'study.json', '--auto', '--wait', '--json'));
    expect(submitted).toMatchObject({ status: 'succeeded', tasks: { total: 64, new: 64 } });
    const { best } = JSON.parse(await program('mops', 'results', 'best', submitted.job, '--json'));
    expect(best[0]).toMatchObject({ n_replicates: 4, params: { beta: expect.any(Number), gamma: expect.any(Number) } });
    writeFileSync(join(project, 'client.mjs'), CLIENT);
    const { stdout } = await run(process.execPath, ['client.mjs', submitted.job], { cwd: project, env });
    expect(stdout).toBe('16\n');
    await expect(program('mops-worker')).rejects.toMatchObject({ stderr: expect.stringContaining('--job is missing') });
  });
});
