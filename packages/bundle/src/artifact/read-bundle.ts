import { type BundleManifest, bundleManifestSchema, type Digest, ModelOpsError, parseRepository } from '@modelops/contracts';
import * as z from 'zod';
import type { BundleProvider } from '../registry/bundle-provider.ts';
import { parseForeignJson } from '../registry/foreign-json.ts';
import { checkManifest } from './check-manifest.ts';
import { type Descriptor, descriptorSchema, MEDIA } from './layers.ts';

/** Enough for 50,000 files with long paths; parsing takes ten times as much memory. */
const MAX_CONFIG_BYTES = 12 * 2 ** 20;

const ociManifestSchema = z.lazy(() =>
  z.object({ artifactType: z.string().optional(), config: descriptorSchema, layers: z.array(descriptorSchema) }),
);

/** A bundle as a registry has it, before its layers are fetched. */
export interface OpenedBundle {
  readonly manifest: BundleManifest;
  readonly layers: readonly Descriptor[];
  /** The bytes of the OCI manifest and of the config, which {@link parseBundle} parses. */
  readonly bytes: { readonly manifest: Uint8Array; readonly config: Uint8Array };
}

/** @throws BUNDLE_NOT_FOUND; BUNDLE_INVALID for another kind of artifact, and for a bundle that is incomplete or has wrong digests */
export async function openBundle(provider: BundleProvider, repository: string, digest: Digest): Promise<OpenedBundle> {
  const name = `${repository}@${digest}`;
  const manifest = await provider.fetchManifest(repository, digest);
  if (manifest === undefined)
    throw new ModelOpsError('BUNDLE_NOT_FOUND', `bundle ${name} not found`, { hint: 'list the tags: modelops-bundle list' });
  const { config } = parseOciManifest(manifest, name);
  const configBytes = await provider.fetchBlob(repository, config);
  if (configBytes === undefined) throw new ModelOpsError('BUNDLE_INVALID', `${name}: its config blob ${config.digest} is missing`);
  return parseBundle({ manifest, config: configBytes }, name);
}

/**
 * A bundle from the bytes of its OCI manifest and config, whose digests the caller has checked.
 * @throws BUNDLE_INVALID for another kind of artifact, and for a config with wrong digests
 */
export function parseBundle(bytes: OpenedBundle['bytes'], name: string): OpenedBundle {
  const { layers } = parseOciManifest(bytes.manifest, name);
  const manifest = parseForeignJson(bytes.config, bundleManifestSchema, { source: `the config of ${name}`, code: 'BUNDLE_INVALID' });
  checkManifest(manifest, name);
  return { manifest, layers, bytes };
}

/** The registered models and targets of a pushed bundle. @throws BUNDLE_NOT_FOUND, BUNDLE_INVALID */
export async function readManifest(provider: BundleProvider, repository: string, digest: Digest): Promise<BundleManifest> {
  return (await openBundle(provider, parseRepository(repository).name, digest)).manifest;
}

/** The config's and the layers' descriptors. @throws BUNDLE_INVALID */
export function parseOciManifest(bytes: Uint8Array, name: string): { readonly config: Descriptor; readonly layers: readonly Descriptor[] } {
  const { artifactType, config, layers } = parseForeignJson(bytes, ociManifestSchema, { source: name, code: 'BUNDLE_INVALID' });
  if (artifactType !== MEDIA.artifact)
    throw new ModelOpsError('BUNDLE_INVALID', `${name} is not a bundle: its type is ${artifactType ?? config.mediaType}`, {
      hint: 'use a repository that modelops-bundle pushed to',
    });
  if (config.size > MAX_CONFIG_BYTES)
    throw new ModelOpsError('BUNDLE_INVALID', `${name}: a config of ${config.size} bytes, at most ${MAX_CONFIG_BYTES} are allowed`);
  return { config, layers };
}
