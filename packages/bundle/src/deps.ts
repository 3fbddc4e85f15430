import type { BundleEnvironment } from '@modelops/contracts';

/** The dependencies of a modelops-bundle command. */
export interface BundleDeps {
  readonly cwd: string;
  readonly home: string;
  /** @throws ENVIRONMENT_NOT_FOUND, CONFIG_INVALID */
  environment(name: string | undefined): Promise<BundleEnvironment>;
}
