import { type BundleEnvironment, type Digest, ModelOpsError } from '@modelops/contracts';

export interface TagEntry {
  readonly tag: string;
  /** Undefined where the registry does not say it in its list: {@link BundleProvider.resolveTag} tells. */
  readonly digest: Digest | undefined;
}

/**
 * Where bundles are kept: an OCI registry, or a folder laid out as one. Repositories are names without the registry's host. Every method
 * throws REGISTRY_UNREACHABLE, REGISTRY_REFUSED or UNAUTHORISED, and IDENTITY_INVALID for a name that is no repository.
 */
export interface BundleProvider {
  /** Undefined when there is no such tag, or no such repository. */
  resolveTag(repository: string, tag: string): Promise<Digest | undefined>;
  /** Undefined when the repository has no such manifest. @throws BUNDLE_INVALID for bytes that are not what the digest says */
  fetchManifest(repository: string, digest: Digest): Promise<Uint8Array | undefined>;
  hasBlob(repository: string, digest: Digest): Promise<boolean>;
  /** Undefined when the repository has no such blob. @throws BUNDLE_INVALID for bytes that are not what the digest says */
  fetchBlob(repository: string, digest: Digest): Promise<Uint8Array | undefined>;
  /** Again it changes nothing. @throws BUNDLE_INVALID for bytes that are not what the digest says */
  pushBlob(repository: string, digest: Digest, bytes: Uint8Array): Promise<void>;
  /** Stores a manifest whose blobs are there, then moves the tags to it. @throws BUNDLE_INVALID for bytes that are not what the digest says */
  pushManifest(repository: string, digest: Digest, bytes: Uint8Array, tags: readonly string[]): Promise<void>;
  /** Sorted by tag; none for a repository that nothing was pushed to. */
  listTags(repository: string): Promise<TagEntry[]>;
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
      throw new ModelOpsError('CONFIG_INVALID', 'registry.provider acr is not known to this version', {
        hint: 'provider: docker, with the credentials that az acr login writes',
      });
  }
}

const TAG = /^\w[\w.-]{0,127}$/;

/** @throws IDENTITY_INVALID for what the OCI distribution spec does not allow */
export function checkTag(tag: string): string {
  if (TAG.test(tag)) return tag;
  throw new ModelOpsError('IDENTITY_INVALID', `"${tag.slice(0, 160)}" is not a tag`, {
    hint: '1 to 128 letters, digits, _ . or -, not starting with . or -',
  });
}
