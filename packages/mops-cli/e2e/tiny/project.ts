import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Laptop } from '../laptop.ts';

const MODEL = `import { existsSync, writeFileSync } from 'node:fs';
import { defineModel, float } from '@modelops/sdk';

/** Returns y = x, 2x; fails above 6; above 8 its process dies. Waits at x = 5 while a file exists, and creates another file when it does. */
export const Tiny = defineModel({
  // Registration runs the model at the middle of this range, which must not be 5.
  parameters: { x: float(0, 11) },
  outputs: ['y'],
  simulate: ({ x }) => {
    if (x > 8) {
      console.error('about to leave at x =', x);
      process.exit(7);
    }
    if (x > 6) throw new RangeError(\`x is \${x}, which is too large\`);
    if (x === 5 && existsSync('HOLD')) writeFileSync('HOLD.reached', '');
    while (x === 5 && existsSync('HOLD')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    return { y: { t: Int32Array.of(0, 1), v: Float64Array.of(x, 2 * x) } };
  },
});
`;

const TARGET = `import { defineTarget, meanSignalMse } from '@modelops/sdk';

export const fit = defineTarget({ output: 'y', data: 'data/observed.csv', join: ['t'], value: 'v', evaluator: meanSignalMse() });
`;

/** A model for tests of job control: its tasks take no time, fail or wait, depending on the parameter. */
export interface TinyOptions {
  readonly xs: readonly number[];
  readonly replicates?: number;
  readonly targets?: boolean;
  /** The file that holds tasks at x = 5 while it exists; absolute. */
  readonly hold?: string;
  readonly file?: string;
}

/** Writes the model, its target and a study into a laptop's project, and registers the model. */
export async function writeTiny(
  laptop: Laptop,
  { xs, replicates = 2, targets = true, hold, file = 'tiny.json' }: TinyOptions,
): Promise<void> {
  for (const folder of ['models', 'targets', 'data']) mkdirSync(join(laptop.dir, folder), { recursive: true });
  writeFileSync(join(laptop.dir, 'models/tiny.ts'), MODEL.replaceAll('HOLD', hold ?? '/nowhere/hold'));
  writeFileSync(join(laptop.dir, 'targets/fit.ts'), TARGET);
  writeFileSync(join(laptop.dir, 'data/observed.csv'), 't,v\n0,3\n1,6\n');
  const study = {
    model: 'models/tiny.ts:Tiny',
    parameter_sets: xs.map((x) => ({ x })),
    n_replicates: replicates,
    targets: targets ? ['targets/fit.ts:fit'] : [],
  };
  writeFileSync(join(laptop.dir, file), JSON.stringify(study));
  for (const args of [
    ['init', 'tiny'],
    ['register-model', 'models/tiny.ts'],
  ]) {
    const ran = await laptop.run('modelops-bundle', ...args);
    if (ran.status !== 0) throw new Error(ran.stderr);
  }
}
