import { digestOf, type JobState } from '@modelops/contracts';
import type { Job } from '@modelops/worker';

/** The number of outputs that a job expects, and the digest of what determines them: its record holds no list. */
export function outputTotals({ tasks, spec }: Job): NonNullable<JobState['expected_outputs']> {
  return {
    simulations: tasks.count,
    aggregations: tasks.groupCount * spec.binding.targets.length,
    digest: digestOf(JSON.stringify(spec)),
  };
}
