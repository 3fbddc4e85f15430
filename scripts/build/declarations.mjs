// Bundles the declarations of a package's exports into one file, including only the declarations of this workspace that they refer to.
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

/** Compiles the declarations of the workspace once; returns a function that bundles those of one entry. */
export async function emitDeclarations(root) {
  const emitted = join(root, 'node_modules', `.declarations.${process.pid}`);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [tsc, '-p', join(root, 'tsconfig.declarations.json'), '--outDir', emitted]);
  return {
    write: (name, entry, file) => bundleDeclarations({ root, emitted, name }, entry, file),
    remove: () => rmSync(emitted, { recursive: true, force: true }),
  };
}

async function bundleDeclarations({ root, emitted, name }, entry, file) {
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
  const isInstalled = (path) =>
    path.startsWith('node:') || Object.keys(dependencies).some((one) => path === one || path.startsWith(`${one}/`));
  const bundle = await rollup({
    input: join(emitted, entry),
    plugins: [workspace(emitted), dts()],
    external: isInstalled,
    treeshake: { moduleSideEffects: false },
    // Indexes of this workspace also import libraries that the entry does not refer to; remaining imports are checked below.
    onwarn: () => undefined,
  });
  const { output } = await bundle.write({ file, format: 'es' });
  const missing = output[0].imports.filter((path) => !isInstalled(path));
  if (missing.length > 0) throw new Error(`the declarations of ${name} import ${missing.join(', ')}, which is not a dependency of it`);
}

/** Finds the emitted declarations of a source file or of a package of this workspace. */
function workspace(emitted) {
  return {
    name: 'workspace',
    resolveId(source, importer) {
      if (source.startsWith('@modelops/')) return join(emitted, source.slice('@modelops/'.length), 'src/index.d.ts');
      if (importer === undefined || !source.startsWith('.')) return null;
      return join(dirname(importer), source.replace(/\.ts$/, '.d.ts'));
    },
  };
}
