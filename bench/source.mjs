import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './project.mjs';

/** A module of the source, bundled and imported into this process. */
export async function importSource(file) {
  const { outputFiles } = await build({
    entryPoints: [join(root, file)],
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['modelops-source'],
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
