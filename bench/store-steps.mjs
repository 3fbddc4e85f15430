// The steps of packages/store/src/store.bench.ts, each run in a process of its own so that its memory is its own.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { env, root } from './project.mjs';

/** Builds the steps; `run` gives what a step took: `{ seconds, megabytes, cpu }`, the last of its whole process. */
export async function storeSteps() {
  // Beside the package's libraries, which are not inlined.
  const place = join(root, 'packages/store/node_modules');
  mkdirSync(place, { recursive: true });
  const dir = mkdtempSync(join(place, '.bench-'));
  const outfile = join(dir, 'steps.mjs');
  await build({
    entryPoints: [join(root, 'packages/store/src/store.bench.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['modelops-source'],
    external: ['@azure/*'],
  });
  return {
    run(step, folder, ...numbers) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [outfile, step, folder, ...numbers.map(String)], {
        env,
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(`${step}: ${stderr}`);
      return JSON.parse(stdout);
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
