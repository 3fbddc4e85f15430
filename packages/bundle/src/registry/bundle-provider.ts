import type { Digest } from '@modelops/contracts';

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
