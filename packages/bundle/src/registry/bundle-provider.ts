import { type BundleEnvironment, type Digest, ModelOpsError } from '@modelops/contracts';

/** Where bundles are kept: an OCI registry, or a folder laid out as one. Repositories are names without the registry's host. */
export interface BundleProvider {
  /** @throws REGISTRY_UNREACHABLE, REGISTRY_REFUSED, UNAUTHORISED, as every method here */
  resolveTag(repository: string, tag: string): Promise<Digest | undefined>;
  /** Undefined when the repository has no such manifest. The bytes are checked against the digest. */
  fetchManifest(repository: string, digest: Digest): Promise<Uint8Array | undefined>;
  hasBlob(repository: string, digest: Digest): Promise<boolean>;
  /** The bytes, checked against the digest. */
  fetchBlob(repository: string, digest: Digest): Promise<Uint8Array | undefined>;
  pushBlob(repository: string, digest: Digest, bytes: Uint8Array): Promise<void>;
  /** Stores a manifest, then moves the tags to it. */
  pushManifest(repository: string, digest: Digest, bytes: Uint8Array, tags: readonly string[]): Promise<void>;
  listTags(repository: string): Promise<{ readonly tag: string; readonly digest: Digest | undefined }[]>;
}

/** The provider of an environment's registry. @throws CONFIG_INVALID */
export async function openBundleProvider(registry: BundleEnvironment['registry']): Promise<BundleProvider> {
  switch (registry.provider) {
    case 'oci-layout': {
      if (registry.path === undefined)
        throw new ModelOpsError('CONFIG_INVALID', 'registry.path is missing', {
          hint: 'the folder of the OCI layouts, in the environment file',
        });
      const { createOciLayoutProvider } = await import('./oci-layout-provider.ts');
      return createOciLayoutProvider(registry.path);
    }
    case 'docker': {
      const { openDockerProvider } = await import('./docker-provider.ts');
      return openDockerProvider(registry);
    }
    case 'acr':
      throw new ModelOpsError('CONFIG_INVALID', 'registry provider acr is not there yet', {
        hint: 'az acr login writes credentials that provider docker uses',
      });
  }
}
