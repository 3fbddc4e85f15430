import { type BundleManifest, type Digest, digestOf } from '@modelops/contracts';
import { loadProject } from '../project/project.ts';
import type { ProjectRegistry } from '../project/schemas.ts';
import { freezeRegistry } from './freeze-registry.ts';
import { type Blob, blobOfBytes, layersOf, MEDIA } from './layers.ts';
import { openMemo } from './memo.ts';
import { snapshotFiles } from './snapshot.ts';

/** A bundle ready to be pushed. */
export interface Artifact {
  /** The OCI manifest's digest: the bundle's identity. */
  readonly digest: Digest;
  readonly manifestBytes: Uint8Array;
  /** Config first, then layers. */
  readonly blobs: readonly Blob[];
  readonly manifest: BundleManifest;
}

export interface BuildOptions {
  /** What to freeze where it is not what `registry.yaml` says: a target that is about to be registered. */
  readonly registry?: ProjectRegistry;
  /** Computes everything anew, whatever the last freeze remembered. Default: false. */
  readonly afresh?: boolean;
}

/**
 * Freezes a project as it is now: every registered model and target compiled and described from its sources, all files, their digests. The
 * same tree gives the same bytes on every machine.
 * @throws MODEL_NOT_FOUND, MODEL_INVALID, TARGET_NOT_FOUND, TARGET_INVALID, BUNDLE_INVALID, FILE_NOT_FOUND for declared data that is not in the bundle
 */
export async function buildArtifact(projectDir: string, { registry: given, afresh = false }: BuildOptions = {}): Promise<Artifact> {
  const [registry, memo] = await Promise.all([given ?? (await loadProject(projectDir)).registry, openMemo(projectDir, { afresh })]);
  const sources = snapshotFiles(projectDir);
  const { models, targets, programs } = await freezeRegistry(projectDir, registry, sources, memo);
  const files = [...sources, ...programs].sort((a, b) => (a.path < b.path ? -1 : 1));
  const manifest: BundleManifest = {
    schema_version: 1,
    models,
    targets,
    ...(Object.keys(registry.target_sets).length === 0 ? {} : { target_sets: registry.target_sets }),
    files: files.map(({ path, size, digest }) => ({ path, size, digest })),
  };
  const layers = await layersOf(files, memo);
  await memo.save();
  return artifactOf(manifest, layers);
}

/** The digest that a push of the project would have, without pushing. @throws as {@link buildArtifact} */
export async function snapshotDigest(projectDir: string): Promise<Digest> {
  return (await buildArtifact(projectDir)).digest;
}

function artifactOf(manifest: BundleManifest, layers: readonly Blob[]): Artifact {
  const config = blobOfBytes(MEDIA.config, encode(manifest));
  const manifestBytes = encode({
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    artifactType: MEDIA.artifact,
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
  });
  return { digest: digestOf(manifestBytes), manifestBytes, blobs: [config, ...layers], manifest };
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
