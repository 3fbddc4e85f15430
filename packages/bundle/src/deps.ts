import type { BundleEnvironment } from '@modelops/contracts';

/** What a modelops-bundle command needs of the world. */
export interface BundleDeps {
  readonly cwd: string;
  readonly home: string;
  /** @throws ENVIRONMENT_NOT_FOUND, CONFIG_INVALID */
  environment(name: string | undefined): Promise<BundleEnvironment>;
}
