import { type BundleManifest, type Digest, digestOf } from '@modelops/contracts';
import { loadProject, targetSetsOf } from '../project/project.ts';
import type { FreezeWheels, ProjectRegistry } from '../project/schemas.ts';
import { freezeEnvironment } from './freeze-environment.ts';
import { type Damage, freezeRegistry } from './freeze-registry.ts';
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
  /** Registered models and targets that are not in the bundle, because their sources or data are missing or broken. */
  readonly damaged: readonly Damage[];
}

export interface BuildOptions {
  /** Replaces the content of `registry.yaml`, for a target that is about to be registered. */
  readonly registry?: ProjectRegistry;
  /** Replaces `freeze_wheels` of the project's configuration, for a push that changes it. */
  readonly freezeWheels?: FreezeWheels | undefined;
  /** Ignores the cache of the last freeze. Default: false. */
  readonly rebuild?: boolean;
  /** Folders that are never in the bundle, absolute: MODELOPS_HOME and the folders of the environment. */
  readonly never?: readonly string[];
}

/**
 * Freezes the current state of a project: compiles and describes every registered model and target from its sources, and computes the digests
 * of all files. The same tree yields the same bytes on every machine. A model or target that cannot be frozen is omitted and reported.
 * @throws BUNDLE_INVALID, CONFLICT for a file that changes in the meantime
 */
export async function buildArtifact(
  projectDir: string,
  { registry: given, freezeWheels, rebuild = false, never = [] }: BuildOptions = {},
): Promise<Artifact> {
  const [project, memo] = await Promise.all([loadProject(projectDir), openMemo(projectDir, { rebuild })]);
  const registry = given ?? project.registry;
  const environment = await freezeEnvironment(projectDir, registry, freezeWheels ?? project.config.freeze_wheels ?? false);
  const sources = snapshotFiles(projectDir, never);
  const { models, targets, programs, damaged } = await freezeRegistry(projectDir, registry, { sources, environment, memo });
  const files = [...sources, ...programs, ...environment.files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const manifest: BundleManifest = {
    schema_version: 1,
    models,
    targets,
    ...targetSetsOf(registry),
    files: files.map(({ path, size, digest }) => ({ path, size, digest })),
  };
  const layers = await layersOf(files, memo);
  await memo.save();
  return { ...artifactOf(manifest, layers), damaged };
}

function artifactOf(manifest: BundleManifest, layers: readonly Blob[]): Omit<Artifact, 'damaged'> {
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
