import { dirname, join } from 'node:path';
import { ensureLocal, openBundleProvider } from '@modelops/bundle';
import { type BundleEnvironment, shortId } from '@modelops/contracts';
import {
  createModelHosts,
  createPythons,
  type HostStarter,
  type LoadMessage,
  type ModelHostsOptions,
  openView,
  type Pythons,
} from '@modelops/model-host';
import type { Job } from './job-context.ts';
import { loadMessageOf, modelOf } from './load-message.ts';

export interface OpenHostsOptions extends Pick<ModelHostsOptions, 'onOutput' | 'debugger' | 'keptScratch'> {
  readonly environment: Pick<BundleEnvironment, 'registry'>;
  readonly cacheDir: string;
  /** Default: MODELOPS_PYTHON or the first on the PATH; environments are built in `cacheDir`. */
  readonly pythons?: Pythons;
}

/**
 * Pulls the job's bundle to this machine, opens the view that its model runs in, and returns the starter of its hosts.
 * @throws BUNDLE_NOT_FOUND, BUNDLE_INVALID, REGISTRY_UNREACHABLE
 */
export async function openHosts(
  job: Job,
  { environment, cacheDir, pythons, ...options }: OpenHostsOptions,
): Promise<{ readonly hosts: HostStarter; readonly load: LoadMessage }> {
  const provider = await openBundleProvider(environment.registry);
  const local = await ensureLocal(job.spec.binding.bundle_ref, { provider, cacheDir });
  const { host, program, closure = [], data, model_digest } = modelOf(job.spec, local);
  const view = await openView({
    root: local.dir,
    files: [...new Set([program, ...closure, ...data])].sort(),
    dir: join(dirname(local.dir), 'views', shortId(model_digest)),
  });
  const load = loadMessageOf(job.spec, { ...local, view });
  const python = () => (pythons ?? pythonsOf(cacheDir, options.onOutput)).open(local.dir);
  const timeoutMs = job.spec.binding.timeout_s * 1000;
  return { hosts: await createModelHosts({ ...options, host, view, bundleDir: local.dir, python, timeoutMs }, load), load };
}

function pythonsOf(cacheDir: string, onOutput: (text: string) => void): Pythons {
  return createPythons({ cacheDir, interpreter: process.env.MODELOPS_PYTHON || undefined, report: (line) => onOutput(`${line}\n`) });
}
