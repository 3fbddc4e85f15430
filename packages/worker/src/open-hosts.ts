import { dirname, join } from 'node:path';
import { ensureLocal, openBundleProvider } from '@modelops/bundle';
import { type BundleEnvironment, shortId } from '@modelops/contracts';
import { createNodeHosts, type HostStarter, type LoadMessage, openView } from '@modelops/model-host';
import type { Job } from './job-context.ts';
import { loadMessageOf, modelOf } from './load-message.ts';

export interface OpenHostsOptions {
  readonly environment: Pick<BundleEnvironment, 'registry'>;
  readonly cacheDir: string;
  readonly onOutput: (text: string) => void;
}

/**
 * Pulls the job's bundle to this machine, opens the view that its model runs in, and returns the starter of its hosts.
 * @throws BUNDLE_NOT_FOUND, BUNDLE_INVALID, REGISTRY_UNREACHABLE
 */
export async function openHosts(
  job: Job,
  { environment, cacheDir, onOutput }: OpenHostsOptions,
): Promise<{ readonly hosts: HostStarter; readonly load: LoadMessage }> {
  const provider = await openBundleProvider(environment.registry);
  const local = await ensureLocal(job.spec.binding.bundle_ref, { provider, cacheDir });
  const { program, data, model_digest } = modelOf(job.spec, local);
  const view = await openView({
    root: local.dir,
    files: [program, ...data].sort(),
    dir: join(dirname(local.dir), 'views', shortId(model_digest)),
  });
  const hosts = createNodeHosts({
    cwd: view,
    timeoutMs: job.spec.binding.timeout_s * 1000,
    onOutput,
  });
  return { hosts, load: loadMessageOf(job.spec, { ...local, view }) };
}
