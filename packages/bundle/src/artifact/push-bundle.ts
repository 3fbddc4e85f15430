import type { BundleManifest, Digest } from '@modelops/contracts';
import type { BundleProvider } from '../registry/bundle-provider.ts';
import { type Artifact, buildArtifact } from './build-artifact.ts';
import type { Blob, Descriptor } from './layers.ts';

export interface PushRequest {
  readonly projectDir: string;
  readonly provider: BundleProvider;
  /** Without the registry's host. */
  readonly repository: string;
  readonly tag: string;
}

export interface PushReport {
  readonly digest: Digest;
  /** `<repository>@<digest>` */
  readonly ref: string;
  readonly uploaded: readonly Descriptor[];
  readonly reused: readonly Descriptor[];
  readonly manifest: BundleManifest;
}

/** So many blobs are on their way at once; each is in memory meanwhile. */
const AT_ONCE = 4;

/**
 * Freezes a project and brings what is missing of it to the registry; the tag moves last, so that it never names half a bundle. Unchanged,
 * nothing is sent. @throws as {@link buildArtifact}, and REGISTRY_UNREACHABLE, REGISTRY_REFUSED, UNAUTHORISED
 */
export async function pushBundle({ projectDir, ...to }: PushRequest): Promise<PushReport> {
  return pushArtifact(await buildArtifact(projectDir), to);
}

/** Brings what is missing of a frozen project to the registry, as {@link pushBundle} does. `check` looks for every blob, whatever the tag says. */
export async function pushArtifact(
  { digest, manifestBytes, blobs, manifest }: Artifact,
  { provider, repository, tag, check = false }: Omit<PushRequest, 'projectDir'> & { readonly check?: boolean },
): Promise<PushReport> {
  const report = { digest, ref: `${repository}@${digest}`, manifest };
  const descriptors = blobs.map(({ descriptor }) => descriptor);
  if (!check && (await provider.resolveTag(repository, tag)) === digest) return { ...report, uploaded: [], reused: descriptors };
  const uploaded = await uploadMissing(provider, repository, blobs);
  await provider.pushManifest(repository, digest, manifestBytes, [tag]);
  return { ...report, uploaded, reused: descriptors.filter((descriptor) => !uploaded.includes(descriptor)) };
}

async function uploadMissing(provider: BundleProvider, repository: string, blobs: readonly Blob[]): Promise<Descriptor[]> {
  const uploaded: Descriptor[] = [];
  const queue = [...new Map(blobs.map((blob) => [blob.descriptor.digest, blob])).values()];
  const work = async () => {
    for (let blob = queue.shift(); blob !== undefined; blob = queue.shift()) {
      const { digest } = blob.descriptor;
      if (await provider.hasBlob(repository, digest)) continue;
      await provider.pushBlob(repository, digest, await blob.bytes());
      uploaded.push(blob.descriptor);
    }
  };
  await Promise.all(
    Array.from({ length: AT_ONCE }, () =>
      work().catch((error: unknown) => {
        queue.length = 0; // the first failure ends the others after the blob that they are at
        throw error;
      }),
    ),
  );
  return uploaded;
}
