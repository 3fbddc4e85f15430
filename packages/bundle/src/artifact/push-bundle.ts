import { type BundleManifest, bundleManifestSchema, type Digest, ModelOpsError, parseJson } from '@modelops/contracts';
import type { BundleProvider } from '../registry/bundle-provider.ts';
import { buildArtifact } from './build-artifact.ts';
import type { Descriptor } from './layers.ts';

export interface PushRequest {
  readonly projectDir: string;
  readonly provider: BundleProvider;
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

/** Freezes a project and brings what is missing of it to the registry; the tag moves last. Unchanged, nothing is sent. */
export async function pushBundle({ projectDir, provider, repository, tag }: PushRequest): Promise<PushReport> {
  const { digest, manifestBytes, blobs, manifest } = await buildArtifact(projectDir);
  const report = { digest, ref: `${repository}@${digest}`, manifest };
  const descriptors = blobs.map(({ descriptor }) => descriptor);
  if ((await provider.resolveTag(repository, tag)) === digest) return { ...report, uploaded: [], reused: descriptors };
  const uploaded: Descriptor[] = [];
  for (const { descriptor, bytes } of blobs) {
    if (await provider.hasBlob(repository, descriptor.digest)) continue;
    await provider.pushBlob(repository, descriptor.digest, bytes);
    uploaded.push(descriptor);
  }
  await provider.pushManifest(repository, digest, manifestBytes, [tag]);
  return { ...report, uploaded, reused: descriptors.filter((descriptor) => !uploaded.includes(descriptor)) };
}

export interface OpenedManifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** The OCI manifest of a bundle. @throws BUNDLE_NOT_FOUND, BUNDLE_INVALID when it is another kind of artifact */
export async function readOciManifest(provider: BundleProvider, repository: string, digest: Digest): Promise<OpenedManifest> {
  const bytes = await provider.fetchManifest(repository, digest);
  if (bytes === undefined)
    throw new ModelOpsError('BUNDLE_NOT_FOUND', `there is no bundle ${repository}@${digest}`, {
      hint: 'modelops-bundle list shows what was pushed',
    });
  const manifest = JSON.parse(new TextDecoder().decode(bytes)) as OpenedManifest & { artifactType?: string };
  if (manifest.artifactType !== 'application/vnd.modelops.bundle.v1')
    throw new ModelOpsError('BUNDLE_INVALID', `${repository}@${digest} is no bundle: its type is ${manifest.artifactType ?? 'not said'}`);
  return manifest;
}

/** What a pushed bundle registers. @throws BUNDLE_NOT_FOUND, BUNDLE_INVALID */
export async function readManifest(provider: BundleProvider, repository: string, digest: Digest): Promise<BundleManifest> {
  const { config } = await readOciManifest(provider, repository, digest);
  const bytes = await provider.fetchBlob(repository, config.digest);
  if (bytes === undefined) throw new ModelOpsError('BUNDLE_INVALID', `${repository}@${digest} lacks its config blob ${config.digest}`);
  return parseJson(new TextDecoder().decode(bytes), bundleManifestSchema, {
    source: `the config of ${repository}@${digest}`,
    code: 'BUNDLE_INVALID',
  });
}
