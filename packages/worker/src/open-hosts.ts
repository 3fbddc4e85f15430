import { dirname, join } from 'node:path';
import { ensureLocal, openBundleProvider } from '@modelops/bundle';
import { type BundleEnvironment, shortId } from '@modelops/contracts';
import { createModelHosts, createPythons, type HostStarter, type LoadMessage, openView, type Pythons } from '@modelops/model-host';
import type { Job } from './job-context.ts';
import { loadMessageOf, modelOf } from './load-message.ts';

export interface OpenHostsOptions {
  readonly environment: Pick<BundleEnvironment, 'registry'>;
  readonly cacheDir: string;
  readonly onOutput: (text: string) => void;
  /** Default: MODELOPS_PYTHON or the first on the PATH; environments are built in `cacheDir`. */
  readonly pythons?: Pythons;
  /** Interactive hosts: each stops in a debugger at the first line of the model, and has no time limit. */
  readonly debugger?: boolean;
  /** Where a command model's scratch folder is made and left. Default: a temporary folder that is removed. */
  readonly keptScratch?: string | undefined;
}

/**
 * Pulls the job's bundle to this machine, opens the view that its model runs in, and returns the starter of its hosts.
 * @throws BUNDLE_NOT_FOUND, BUNDLE_INVALID, REGISTRY_UNREACHABLE
 */
export async function openHosts(
  job: Job,
  { environment, cacheDir, onOutput, pythons = pythonsOf(cacheDir, onOutput), debugger: isDebugged = false, keptScratch }: OpenHostsOptions,
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
  const python = () => pythons.open(local.dir);
  const timeoutMs = job.spec.binding.timeout_s * 1000;
  const hosts = await createModelHosts(
    { host, view, bundleDir: local.dir, python, timeoutMs, onOutput, debugger: isDebugged, keptScratch },
    load,
  );
  return { hosts, load };
}

function pythonsOf(cacheDir: string, onOutput: (text: string) => void): Pythons {
  return createPythons({ cacheDir, interpreter: process.env.MODELOPS_PYTHON || undefined, report: (line) => onOutput(`${line}\n`) });
}
