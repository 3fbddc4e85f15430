import type { JobId, JobState } from '@modelops/contracts';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import { waitForJob } from '../jobs/wait-job.ts';

/** Waits for a job under a progress bar. `timeout` in seconds. */
export async function watchJob(job: JobId, timeout: number | undefined, opened: OpenEnvironment, deps: MopsDeps): Promise<JobState> {
  const progress = deps.talk.progress();
  try {
    return await waitForJob(
      job,
      {
        timeoutMs: timeout === undefined ? undefined : timeout * 1000,
        onProgress: (at, { status }) => progress.update({ ...at, note: status }),
      },
      opened,
      deps,
    );
  } finally {
    progress.finish();
  }
}
