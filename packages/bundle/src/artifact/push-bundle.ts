import type { BundleManifest, Digest } from '@modelops/contracts';
import { mapConcurrently } from '@modelops/system';
import type { BundleProvider } from '../registry/bundle-provider.ts';
import { type Artifact, type BuildOptions, buildArtifact } from './build-artifact.ts';
import type { Damage } from './freeze-registry.ts';
import type { Blob, Descriptor } from './layers.ts';

interface Destination {
  readonly provider: BundleProvider;
  /** Without the registry's host. */
  readonly repository: string;
  readonly tag: string;
}

interface PushRequest extends Destination, Pick<BuildOptions, 'never' | 'freezeWheels'> {
  readonly projectDir: string;
}

export interface PushReport {
  readonly digest: Digest;
  /** `<repository>@<digest>` */
  readonly ref: string;
  readonly uploaded: readonly Descriptor[];
  readonly reused: readonly Descriptor[];
  readonly manifest: BundleManifest;
  /** Registered models and targets that could not be frozen and are not in the bundle. */
  readonly damaged: readonly Damage[];
}

/** Maximum number of concurrent uploads. */
const CONCURRENT_UPLOADS = 4;

/**
 * Freezes a project and uploads its missing blobs; the tag moves last, so that it never names an incomplete bundle. For an unchanged project
 * nothing is sent. @throws as {@link buildArtifact}, and REGISTRY_UNREACHABLE, REGISTRY_REFUSED, UNAUTHORISED
 */
export async function pushBundle({ projectDir, never = [], freezeWheels, ...to }: PushRequest): Promise<PushReport> {
  return pushArtifact(await buildArtifact(projectDir, { never, freezeWheels }), to);
}

/** Uploads the missing blobs of a frozen project, as {@link pushBundle} does. `check` checks every blob, even if the tag names this bundle. */
export async function pushArtifact(
  { digest, manifestBytes, blobs, manifest, damaged }: Artifact,
  { provider, repository, tag, check = false }: Destination & { readonly check?: boolean },
): Promise<PushReport> {
  const report = { digest, ref: `${repository}@${digest}`, manifest, damaged };
  const descriptors = blobs.map(({ descriptor }) => descriptor);
  if (!check && (await provider.resolveTag(repository, tag)) === digest) return { ...report, uploaded: [], reused: descriptors };
  const uploaded = await uploadMissing(provider, repository, blobs);
  await provider.pushManifest(repository, digest, manifestBytes, [tag]);
  return { ...report, uploaded, reused: descriptors.filter((descriptor) => !uploaded.includes(descriptor)) };
}

async function uploadMissing(provider: BundleProvider, repository: string, blobs: readonly Blob[]): Promise<Descriptor[]> {
  const distinct = new Map(blobs.map((blob) => [blob.descriptor.digest, blob])).values();
  const uploaded = await mapConcurrently(distinct, CONCURRENT_UPLOADS, async ({ descriptor, bytes, file }) => {
    if (await provider.hasBlob(repository, descriptor.digest)) return undefined;
    if (file === undefined) await provider.pushBlob(repository, descriptor.digest, await bytes());
    else await provider.uploadBlob(repository, descriptor, file);
    return descriptor;
  });
  return uploaded.filter((descriptor) => descriptor !== undefined);
}
