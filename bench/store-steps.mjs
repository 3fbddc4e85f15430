// The steps of packages/store/src/store.bench.ts, each in its own process, so memory is measured per step.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { env, root, runReporting } from './project.mjs';

/** Builds the steps. `run` returns `{ seconds, megabytes, cpu }`; `cpu` is that of the whole process. */
export async function storeSteps() {
  // In the package, so that Node finds the libraries that are not bundled.
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
      const { stdout, ...used } = runReporting(outfile, [step, folder, ...numbers.map(String)], { env });
      return { ...used, ...JSON.parse(stdout) };
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
