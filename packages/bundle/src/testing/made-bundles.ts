import { gzipSync } from 'node:zlib';
import { type Digest, digestOf } from '@modelops/contracts';
import { type Header, pack } from 'tar-stream';
import { MEDIA } from '../artifact/layers.ts';
import type { BundleProvider } from '../registry/bundle-provider.ts';

export interface MadeFile {
  readonly path: string;
  readonly text: string;
}

type MadeEntry = Partial<Header> & { readonly name: string; readonly text?: string };

export interface MadeBundle {
  /** The list of files. */
  readonly listed: readonly MadeFile[];
  /** The files in the layer. Default: those of the list. */
  readonly entries?: readonly MadeEntry[];
  /** Changes the layer's bytes. */
  readonly damage?: (layer: Buffer) => Buffer;
  readonly sizes?: Readonly<Record<string, number>>;
  readonly layers?: number;
  /** Changes the config, to make a false claim. */
  readonly claim?: (config: MadeConfig) => object;
  /** Changes the OCI manifest. */
  readonly manifest?: (manifest: MadeManifest) => object;
}

export interface MadeConfig {
  readonly models: readonly object[];
  readonly targets: readonly object[];
  readonly files: readonly { readonly path: string; readonly size: number; readonly digest: Digest }[];
}

export interface MadeManifest {
  readonly config: { readonly size: number };
  readonly layers: readonly { readonly size: number }[];
}

/** Pushes a bundle that modelops-bundle itself would not push. */
export async function pushMade(
  provider: BundleProvider,
  {
    listed,
    entries,
    damage = (layer) => layer,
    sizes = {},
    layers = 1,
    claim = (config) => config,
    manifest: change = (made) => made,
  }: MadeBundle,
): Promise<Digest> {
  const tar = pack();
  for (const { text = '', ...header } of entries ?? listed.map((file): MadeEntry => ({ name: file.path, text: file.text }))) {
    const isFile = header.type === undefined || header.type === 'file';
    if (isFile) tar.entry({ mtime: new Date(0), ...header }, text);
    else tar.entry({ mtime: new Date(0), ...header });
  }
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar) pieces.push(piece as Buffer);
  const layer = damage(gzipSync(Buffer.concat(pieces)));
  const config = Buffer.from(
    JSON.stringify(
      claim({
        schema_version: 1,
        models: [],
        targets: [],
        files: listed.map(({ path, text }) => ({ path, size: sizes[path] ?? Buffer.byteLength(text), digest: digestOf(text) })),
      } as MadeConfig),
    ),
  );
  const push = async (mediaType: string, bytes: Buffer) => {
    await provider.pushBlob('team/made', digestOf(bytes), bytes);
    return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  };
  const manifest = Buffer.from(
    JSON.stringify(
      change({
        schemaVersion: 2,
        mediaType: MEDIA.manifest,
        artifactType: MEDIA.artifact,
        config: await push(MEDIA.config, config),
        layers: Array(layers).fill(await push(MEDIA.code, layer)),
      } as MadeManifest),
    ),
  );
  await provider.pushManifest('team/made', digestOf(manifest), manifest, ['latest']);
  return digestOf(manifest);
}
