import type { PlannedGroup } from '@modelops/contracts';
import { evenly } from './estimate-work.ts';

/** Chooses `k` of the tasks to run, spread evenly over the parameter sets; several replicates per set if there are fewer than `k` sets. */
export function choosePilot(groups: readonly PlannedGroup[], k: number): number[] {
  const lists = groups.map(({ missing }) => missing).filter((missing) => missing.length > 0);
  const chosen: number[] = [];
  for (let replicate = 0; chosen.length < k; replicate++) {
    const round = lists.map((missing) => nth(missing, replicate)).filter((task) => task !== undefined);
    if (round.length === 0) break;
    chosen.push(...evenly(round, k - chosen.length));
  }
  return chosen.sort((a, b) => a - b);
}

function nth(ranges: PlannedGroup['missing'], n: number): number | undefined {
  let left = n;
  for (const [start, end] of ranges) {
    if (left < end - start) return start + left;
    left -= end - start;
  }
  return undefined;
}
