import { join } from 'node:path';
import type { ResultClient } from './results.ts';

export interface ResultClientOptions {
  /** Name of the environment; default: the one of the project in `cwd`, otherwise `local`. */
  readonly environment?: string;
  /** The folder of environments, local stores and caches; default: `MODELOPS_HOME`. */
  readonly home: string;
  /** A folder of the project. */
  readonly cwd: string;
}

/** A client for the results of an environment. @throws ENVIRONMENT_NOT_FOUND, CONFIG_INVALID */
export async function openResultClient({ environment: name, home, cwd }: ResultClientOptions): Promise<ResultClient> {
  const [{ loadEnvironment }, { openStores }, { openResults }] = await Promise.all([
    import('@modelops/bundle'),
    import('@modelops/worker'),
    import('./open-results.ts'),
  ]);
  const environment = await loadEnvironment(name, { home, cwd });
  const cacheDir = join(home, 'cache');
  return openResults({ environment, cacheDir, stores: await openStores(environment, { cacheDir }) });
}
