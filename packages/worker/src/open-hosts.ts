import { ensureLocal, openBundleProvider } from '@modelops/bundle';
import type { BundleEnvironment } from '@modelops/contracts';
import { createNodeHosts, type HostStarter, type LoadMessage } from '@modelops/model-host';
import type { Job } from './job-context.ts';
import { loadMessageOf } from './load-message.ts';

export interface OpenHostsOptions {
  readonly environment: Pick<BundleEnvironment, 'registry'>;
  readonly cacheDir: string;
  readonly onOutput: (text: string) => void;
}

/**
 * Pulls the job's bundle to this machine and returns the starter of its hosts.
 * @throws BUNDLE_NOT_FOUND, BUNDLE_INVALID, REGISTRY_UNREACHABLE
 */
export async function openHosts(
  job: Job,
  { environment, cacheDir, onOutput }: OpenHostsOptions,
): Promise<{ readonly hosts: HostStarter; readonly load: LoadMessage }> {
  const provider = await openBundleProvider(environment.registry);
  const local = await ensureLocal(job.spec.binding.bundle_ref, { provider, cacheDir });
  const hosts = createNodeHosts({
    cwd: local.dir,
    timeoutMs: job.spec.binding.timeout_s * 1000,
    onOutput,
  });
  return { hosts, load: loadMessageOf(job.spec, local) };
}
