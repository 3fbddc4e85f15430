import {
  type BundleManifest,
  bundleManifestSchema,
  type Digest,
  isDigest,
  ModelOpsError,
  parseJson,
  parseRepository,
} from '@modelops/contracts';
import * as z from 'zod';
import type { BundleProvider } from '../registry/bundle-provider.ts';
import { type Descriptor, MEDIA } from './layers.ts';

const descriptorSchema = z.object({
  mediaType: z.string(),
  digest: z.string().refine(isDigest, 'not a sha256 digest'),
  size: z.int().min(0),
  annotations: z.record(z.string(), z.string()).optional(),
});
const ociManifestSchema = z.object({ artifactType: z.string().optional(), config: descriptorSchema, layers: z.array(descriptorSchema) });

/** A bundle as a registry has it, before its layers are fetched. */
export interface OpenedBundle {
  readonly manifest: BundleManifest;
  readonly layers: readonly Descriptor[];
}

/** @throws BUNDLE_NOT_FOUND, BUNDLE_INVALID when it is another kind of artifact or not whole */
export async function openBundle(provider: BundleProvider, repository: string, digest: Digest): Promise<OpenedBundle> {
  const name = `${repository}@${digest}`;
  const bytes = await provider.fetchManifest(repository, digest);
  if (bytes === undefined)
    throw new ModelOpsError('BUNDLE_NOT_FOUND', `there is no bundle ${name}`, {
      hint: 'modelops-bundle list shows the tags that there are',
    });
  const { artifactType, config, layers } = parseJson(textOf(bytes), ociManifestSchema, { source: name, code: 'BUNDLE_INVALID' });
  if (artifactType !== MEDIA.artifact)
    throw new ModelOpsError('BUNDLE_INVALID', `${name} is no bundle: its type is ${artifactType ?? config.mediaType}`, {
      hint: 'name a repository that modelops-bundle pushed to',
    });
  const configBytes = await provider.fetchBlob(repository, config.digest);
  if (configBytes === undefined) throw new ModelOpsError('BUNDLE_INVALID', `${name} lacks its config blob ${config.digest}`);
  const source = `the config of ${name}`;
  const manifest = parseJson(textOf(configBytes), bundleManifestSchema, { source, code: 'BUNDLE_INVALID' });
  return { manifest, layers: layers.map(({ annotations, ...rest }) => (annotations === undefined ? rest : { ...rest, annotations })) };
}

/** What a pushed bundle registers. @throws BUNDLE_NOT_FOUND, BUNDLE_INVALID */
export async function readManifest(provider: BundleProvider, repository: string, digest: Digest): Promise<BundleManifest> {
  return (await openBundle(provider, parseRepository(repository).name, digest)).manifest;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
