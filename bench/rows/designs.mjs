import { importSource } from '../source.mjs';
import { median } from '../timing.mjs';

/** CPU time of optimised Latin hypercubes of 100 × 10 in this process, and their quality. */
export async function measure() {
  const { latinColumns } = await importSource('packages/cb-cli/src/designs/lhs.ts');
  const { discrepancyCriterion } = await importSource('packages/cb-cli/src/designs/lhs/criteria.ts');
  const places = Array.from({ length: 10 }, (_, at) => at);
  return [
    ['maximin', smallestDistance, 'smallest distance'],
    ['cd', (columns) => discrepancyCriterion(columns).value, 'centred discrepancy'],
  ].map(([criterion, qualityOf, quality]) => {
    const runs = [0, 1, 2].map((seed) => {
      const before = process.cpuUsage();
      const columns = latinColumns({ seed, n_samples: 100, criterion, strength: 1, doubled_from: [] }, places, 0);
      const { user, system } = process.cpuUsage(before);
      return { cpu: (user + system) / 1e6, quality: qualityOf(columns) };
    });
    return {
      what: `Latin hypercube 100 × 10, ${criterion}`,
      value: median(runs.map(({ cpu }) => cpu)),
      unit: 's CPU',
      aim: 'at most 2',
      beside: `${quality} ${runs.map((run) => run.quality.toFixed(4)).join(', ')}`,
    };
  });
}

function smallestDistance(columns) {
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < columns[0].length; i++)
    for (let j = 0; j < i; j++) smallest = Math.min(smallest, Math.hypot(...columns.map((column) => column[i] - column[j])));
  return smallest;
}
