import { importSource } from '../source.mjs';
import { median } from '../timing.mjs';

const [N, DIMENSIONS] = [2 ** 20, 10];

/** CPU time of the sequence alone, in this process: the first call, and the median of five more. */
export async function measure() {
  const { sobolColumns } = await importSource('packages/cb-cli/src/designs/sobol/sobol.ts');
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
