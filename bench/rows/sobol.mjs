import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../project.mjs';
import { median } from '../timing.mjs';

const [N, DIMENSIONS] = [2 ** 20, 10];

/** CPU time of the sequence alone, in this process: the first call, and the median of five more. */
export async function measure() {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'packages/cb-cli/src/designs/sobol/sobol.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['modelops-source'],
    write: false,
  });
  const { sobolColumns } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
  const cpuSeconds = (seed) => {
    const before = process.cpuUsage();
    sobolColumns(N, { dimensions: DIMENSIONS, seed, scramble: true });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  const first = cpuSeconds(0n);
  const again = median([1n, 2n, 3n, 4n, 5n].map(cpuSeconds));
  return [
    {
      what: 'scrambled Sobol 2^20 × 10, first call',
      value: first,
      unit: 's CPU',
      aim: 'at most 0.5',
      beside: `repeated ${again.toFixed(3)} s`,
    },
  ];
}
