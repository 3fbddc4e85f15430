import type { BundleEnvironment } from '@modelops/contracts';
import type { Cluster } from '../engines/kubernetes/cluster.ts';

/** An environment, with its file; `local` exists without one. */
export interface NamedEnvironment {
  readonly environment: BundleEnvironment;
  readonly file: string | undefined;
}

/** `$MODELOPS_HOME/bundle-env/`. */
export interface EnvironmentFiles {
  /** Names of the existing environments. */
  names(): Promise<readonly string[]>;
  /** The environment in a file; undefined without a file. @throws CONFIG_INVALID for a broken file. */
  read(name: string): Promise<BundleEnvironment | undefined>;
  /** @throws ENVIRONMENT_NOT_FOUND naming those that exist, CONFIG_INVALID */
  find(name: string): Promise<NamedEnvironment>;
  /** Writes the file, readable by its owner only, and returns its path. */
  save(environment: BundleEnvironment): Promise<string>;
}

/** What `mops infra` needs from outside. */
export interface InfraDeps {
  readonly openCluster: (settings: { readonly context?: string | undefined }) => Promise<Cluster>;
  readonly environments: EnvironmentFiles;
  /** Text of a file, or of stdin for `-`. @throws FILE_NOT_FOUND */
  readonly readSecret: (file: string) => Promise<string>;
  /** `MODELOPS_STORAGE_CONNECTION_STRING`, used without a file. */
  readonly connectionString: string | undefined;
  readonly pause: (ms: number) => Promise<void>;
}
