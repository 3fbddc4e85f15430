import type { BundleEnvironment } from '@modelops/contracts';
import type { Cluster } from '../engines/kubernetes/cluster.ts';

/** `$MODELOPS_HOME/bundle-env/`. */
export interface EnvironmentFiles {
  /** Undefined when there is no such environment. @throws CONFIG_INVALID for a broken file. */
  read(name: string): Promise<BundleEnvironment | undefined>;
  /** Writes the file, readable by its owner only, and returns its path. */
  save(environment: BundleEnvironment): Promise<string>;
}

/** What `mops infra` needs of the world. */
export interface InfraDeps {
  readonly openCluster: (settings: { readonly context?: string | undefined }) => Promise<Cluster>;
  readonly environments: EnvironmentFiles;
  /** Text of a file, or of stdin for `-`. @throws FILE_NOT_FOUND */
  readonly readSecret: (file: string) => Promise<string>;
  /** `MODELOPS_STORAGE_CONNECTION_STRING`, for where there is no file. */
  readonly connectionString: string | undefined;
  readonly pause: (ms: number) => Promise<void>;
}
