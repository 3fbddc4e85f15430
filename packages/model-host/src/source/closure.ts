import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { type ClosureFile, ModelOpsError, sha256Hex } from '@modelops/contracts';
import { WHY_NO_ADDON } from './plugins.ts';
import { NOUNS, type SourceKind } from './source-file.ts';

export interface InputFile extends ClosureFile {
  /** esbuild's name of the file, relative to the project folder; it depends on where the package manager puts dependencies. */
  readonly input: string;
}

/**
 * The files of a compiled program, sorted by path: those of the project by their path in it, those of dependencies as
 * `node_modules/<package>@<version>/<file>`. @throws MODEL_INVALID or TARGET_INVALID for one outside the project, or of a package with a native addon
 */
export function readClosure(root: string, inputs: readonly string[], kind: SourceKind): InputFile[] {
  const files = inputs.map((input) => {
    const file = isAbsolute(input) ? input : join(root, input);
    const sha256 = sha256Hex(readFileSync(file));
    const inside = relative(root, file).split(sep).join('/');
    const isOutside = inside.startsWith('../') || isAbsolute(inside);
    if (!isOutside && !inside.split('/').includes('node_modules')) return { input, path: inside, sha256 };
    const dependency = dependencyOf(file);
    if (dependency === undefined) throw outside(input, root, kind);
    if (existsSync(join(dependency.dir, 'binding.gyp'))) throw addon(dependency.name, kind);
    return { input, path: dependency.path, sha256 };
  });
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Each file once: pnpm may install a package twice. */
export function closureFiles(files: readonly InputFile[]): ClosureFile[] {
  const byPath = new Map(files.map(({ path, sha256 }) => [path, { path, sha256 }]));
  return [...byPath.values()];
}

interface Dependency {
  readonly name: string;
  readonly dir: string;
  /** `node_modules/<package>@<version>/<file>`: independent of where the package manager put it. */
  readonly path: string;
}

/** The installed package that a file belongs to, if any. */
function dependencyOf(file: string): Dependency | undefined {
  const real = realpathSync(file);
  if (!real.includes(`${sep}node_modules${sep}`)) return undefined;
  for (let dir = dirname(real); dir !== dirname(dir); dir = dirname(dir)) {
    const manifest = join(dir, 'package.json');
    if (!existsSync(manifest)) continue;
    const { name, version } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string; version?: string };
    if (name === undefined) continue; // a nested package.json that only sets "type"
    return { name, dir, path: `node_modules/${name}@${version ?? '0'}/${relative(dir, real).split(sep).join('/')}` };
  }
  return undefined;
}

function outside(input: string, root: string, kind: SourceKind): ModelOpsError {
  return new ModelOpsError(NOUNS[kind].invalid, `${input} is outside the project ${root}`, {
    hint: 'a bundle contains only files of its project and of installed packages: move the file into the project',
  });
}

function addon(name: string, kind: SourceKind): ModelOpsError {
  return new ModelOpsError(NOUNS[kind].invalid, `the package ${name} ${WHY_NO_ADDON}`);
}

/**
 * A compiled program without machine-specific paths of dependencies. esbuild writes each module's path in a comment above it and, for CommonJS, as
 * the name of its wrapper: with them a project would have a different digest on each machine.
 */
export function neutralPaths(code: string, files: readonly InputFile[]): string {
  return files
    .filter(({ input, path }) => input !== path)
    .reduce(
      (text, { input, path }) =>
        text
          .replaceAll(`\n// ${input}\n`, `\n// ${path}\n`)
          .replaceAll(`({\n  ${JSON.stringify(input)}(`, `({\n  ${JSON.stringify(path)}(`),
      code,
    );
}

/** A source map with the files' paths in the closure; other sources have no name. */
export function neutralMap(map: string, files: readonly InputFile[]): Uint8Array {
  const paths = new Map(files.map(({ input, path }) => [input, path]));
  const { version, sources, names, mappings } = JSON.parse(map) as {
    version: number;
    sources: string[];
    names: string[];
    mappings: string;
  };
  return new TextEncoder().encode(JSON.stringify({ version, sources: sources.map((source) => paths.get(source) ?? ''), names, mappings }));
}
