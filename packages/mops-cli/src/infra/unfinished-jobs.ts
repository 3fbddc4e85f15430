import { type BundleEnvironment, isTerminal, JOB_STATUSES, type JobId } from '@modelops/contracts';
import { openStores } from '@modelops/worker/stores';

/** The jobs in an environment's storage that have not ended, newest first. Writes nothing. */
export async function unfinishedJobs(environment: BundleEnvironment, cacheDir: string): Promise<readonly JobId[]> {
  const { registry } = await openStores(environment, { cacheDir, isReadOnly: true });
  const jobs: JobId[] = [];
  const status = JOB_STATUSES.filter((one) => !isTerminal(one));
  for await (const { job_id } of registry.list({ status })) jobs.push(job_id);
  return jobs;
}
