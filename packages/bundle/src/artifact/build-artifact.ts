import {
  type BundleManifest,
  type ClosureFile,
  type Digest,
  digestOf,
  ModelOpsError,
  modelDigestOf,
  parseSourceName,
  type RegisteredModel,
  type RegisteredTarget,
  sha256Hex,
} from '@modelops/contracts';
import { type CompiledProgram, compileProgram } from '../compile/compile-program.ts';
import { FOLDER, loadProject } from '../project/project.ts';
import { type Blob, blobOf, layersOf, MEDIA } from './layers.ts';
import { type BundleFile, snapshotFiles } from './snapshot.ts';

/** A bundle ready to be pushed. */
export interface Artifact {
  /** The OCI manifest's digest: the bundle's identity. */
  readonly digest: Digest;
  readonly manifestBytes: Uint8Array;
  /** Config first, then layers. */
  readonly blobs: readonly Blob[];
  readonly manifest: BundleManifest;
}

/**
 * Freezes a project: every registered model and target compiled from the sources as they are now, all files, their digests.
 * @throws BUNDLE_INVALID when nothing is registered, MODEL_NOT_FOUND, MODEL_INVALID, FILE_NOT_FOUND for declared data that is not in the bundle
 */
export async function buildArtifact(projectDir: string): Promise<Artifact> {
  const { registry } = await loadProject(projectDir);
  const sources = snapshotFiles(projectDir);
  const byPath = new Map(sources.map((file) => [file.path, file]));
  const programs = new Map<string, BundleFile>();
  const compile = async (source: string): Promise<{ compiled: CompiledProgram; program: string }> => {
    const compiled = await compileProgram({ projectDir, source });
    const { importPath, exportName } = parseSourceName(source);
    const program = `${FOLDER}/compiled/${importPath}.${exportName}.mjs`;
    programs.set(program, { path: program, bytes: compiled.code, isExecutable: false });
    return { compiled, program };
  };
  const dataFile = (path: string, source: string): ClosureFile => {
    const file = byPath.get(path);
    if (file === undefined)
      throw new ModelOpsError('FILE_NOT_FOUND', `${path}, which ${source} reads, is not in the bundle`, {
        hint: 'is it named in .modelopsignore?',
      });
    return { path, sha256: sha256Hex(file.bytes) };
  };

  const models: RegisteredModel[] = [];
  for (const { source, data, description } of registry.models) {
    const { compiled, program } = await compile(source);
    const files = [...compiled.closure, ...data.map((path) => dataFile(path, source))];
    models.push({
      source,
      host: 'node',
      program,
      description,
      data,
      model_digest: modelDigestOf({ files, lock: null, behaviour: description.behaviour }),
    });
  }
  const targets: RegisteredTarget[] = [];
  for (const { source, description } of registry.targets) {
    const { compiled, program } = await compile(source);
    const files = [...compiled.closure, ...(description.data === null ? [] : [dataFile(description.data, source)])];
    targets.push({ source, program, description, target_digest: modelDigestOf({ files, lock: null, behaviour: description.behaviour }) });
  }
  const files = [...sources, ...programs.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const manifest: BundleManifest = {
    schema_version: 1,
    models,
    targets,
    files: files.map(({ path, bytes }) => ({ path, size: bytes.byteLength, digest: digestOf(bytes) })),
  };
  return artifactOf(manifest, files);
}

async function artifactOf(manifest: BundleManifest, files: readonly BundleFile[]): Promise<Artifact> {
  const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const config = blobOf(MEDIA.config, encode(manifest));
  const layers = await layersOf(files);
  const manifestBytes = encode({
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    artifactType: MEDIA.artifact,
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
  });
  return { digest: digestOf(manifestBytes), manifestBytes, blobs: [config, ...layers], manifest };
}
