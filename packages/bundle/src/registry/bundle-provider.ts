import type { Digest } from '@modelops/contracts';

export interface TagEntry {
  readonly tag: string;
  /** Undefined if the registry's list has no digests; {@link BundleProvider.resolveTag} finds it. */
  readonly digest: Digest | undefined;
}

/** A blob as a manifest lists it. `size`: exact size in bytes; no more is ever read. */
export interface BlobRef {
  readonly digest: Digest;
  readonly size: number;
}

/** The largest manifest that a registry must accept (distribution-spec 1.1), and the largest that is read here. */
export const MAX_MANIFEST_BYTES = 4 * 2 ** 20;

/**
 * A store of bundles: an OCI registry, or a folder in OCI layout. Repositories are names without the registry's host. Every method
 * throws REGISTRY_UNREACHABLE, REGISTRY_REFUSED or UNAUTHORISED, and IDENTITY_INVALID for an invalid repository name.
 */
export interface BundleProvider {
  /** Undefined if there is no such tag, or no such repository. */
  resolveTag(repository: string, tag: string): Promise<Digest | undefined>;
  /** Undefined if the repository has no such manifest. @throws BUNDLE_INVALID for bytes that do not match the digest */
  fetchManifest(repository: string, digest: Digest): Promise<Uint8Array | undefined>;
  hasBlob(repository: string, digest: Digest): Promise<boolean>;
  /** A small blob, in memory. Undefined if the repository has no such blob. @throws BUNDLE_INVALID for bytes that do not match the digest */
  fetchBlob(repository: string, blob: BlobRef): Promise<Uint8Array | undefined>;
  /**
   * Writes a blob of any size to a new file, without holding it in memory. False, and no file, if the repository has no such blob.
   * @throws BUNDLE_INVALID, and leaves no file, for bytes that do not match the digest
   */
  downloadBlob(repository: string, blob: BlobRef, file: string): Promise<boolean>;
  /** Pushes a small blob; repeating it changes nothing. @throws BUNDLE_INVALID for bytes that do not match the digest */
  pushBlob(repository: string, digest: Digest, bytes: Uint8Array): Promise<void>;
  /** As {@link pushBlob}, from a file, without holding it in memory. @throws CONFLICT for a file with other bytes */
  uploadBlob(repository: string, blob: BlobRef, file: string): Promise<void>;
  /** Stores a manifest whose blobs are in the repository, then moves the tags to it. @throws BUNDLE_INVALID for bytes that do not match the digest */
  pushManifest(repository: string, digest: Digest, bytes: Uint8Array, tags: readonly string[]): Promise<void>;
  /** Sorted by tag; empty for a repository without pushes. */
  listTags(repository: string): Promise<TagEntry[]>;
}
