import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const importsOf = (files, importer) => files.filter((file) => file !== importer).map((file) => `import ${JSON.stringify(file)};`);

/**
 * Builds a program of which each lazily loaded module of ours also imports the modules `shared`. The bundler puts modules in one chunk if the same entries reach them:
 * what nearly every command loads is then one chunk instead of 40, and Node takes 0.7 ms to find, read and link each.
 */
export async function loadTogether(options, shared) {
  const { metafile } = await build({ ...options, write: false });
  const [program] = Object.values(options.entryPoints);
  const lazy = new Set(
    Object.values(metafile.outputs).flatMap(({ entryPoint = '' }) =>
      /^packages\/.*\.ts$/.test(entryPoint) ? [join(options.absWorkingDir, entryPoint)] : [],
    ),
  );
  lazy.delete(program);
  const importShared = {
    name: 'import-shared',
    setup: ({ onLoad }) =>
      onLoad({ filter: /\.ts$/ }, ({ path }) =>
        lazy.has(path) ? { contents: [readFileSync(path, 'utf8'), ...importsOf(shared, path)].join('\n'), loader: 'ts' } : undefined,
      ),
  };
  return build({
    ...options,
    plugins: [...options.plugins, importShared],
    logOverride: { 'ignored-bare-import': 'silent' },
  });
}
