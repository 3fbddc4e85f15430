import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type ClosureFile, ModelOpsError, nearestName, parseSourceName } from '@modelops/contracts';
import type { BuildFailure, Message } from 'esbuild';
import { closureFiles, neutralMap, neutralPaths, readClosure } from './closure.ts';
import { isSdkInput, refuseAddons, sdkOfHost } from './plugins.ts';
import { NOUNS, type SourceKind, sourceFile } from './source-file.ts';

export interface CompileRequest {
  readonly projectDir: string;
  /** `models/seir.ts:StochasticSEIR` */
  readonly source: string;
  /** Default: model. */
  readonly kind?: SourceKind;
}

export interface CompiledProgram {
  /** One ES module; the same for the same sources on every machine. */
  readonly code: Uint8Array;
  /** The source map (revision 3) of `code`, without the sources. Not part of the program's identity. */
  readonly map: Uint8Array;
  /** The files that it was compiled from, sorted by path. The sdk is not included: the host that loads the program provides it. */
  readonly closure: readonly ClosureFile[];
}

/**
 * Bundles the module that defines a model or target with everything that it imports.
 * @throws MODEL_NOT_FOUND or TARGET_NOT_FOUND for a file or export that does not exist; MODEL_INVALID or TARGET_INVALID, with file and line, for
 * code that does not compile, leaves the project or needs a native addon.
 */
export async function compileProgram({ projectDir, source, kind = 'model' }: CompileRequest): Promise<CompiledProgram> {
  const { exports, ...program } = await compileFile(projectDir, sourceFile(projectDir, source, kind), kind);
  if (exports !== undefined && !exports.includes(parseSourceName(source).exportName)) throw missingExport(source, exports, kind);
  return program;
}

/** As {@link compileProgram}, for a whole file. `exports` are its names; undefined for CommonJS, where they are known only at run time. */
export async function compileFile(
  projectDir: string,
  file: string,
  kind: SourceKind,
): Promise<CompiledProgram & { readonly exports: readonly string[] | undefined }> {
  // esbuild resolves symbolic links, and files must be inside its working folder.
  const root = realpathSync(projectDir);
  // An import would first scan the CommonJS library for its exports, which takes 10 ms.
  const { build } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  try {
    const { outputFiles, metafile } = await build({
      stdin: { contents: `export * from ${JSON.stringify(`./${file}`)};`, resolveDir: root, sourcefile: ENTRY },
      absWorkingDir: root,
      bundle: true,
      write: false,
      metafile: true,
      sourcemap: 'external',
      sourcesContent: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
      outfile: 'program.mjs',
      tsconfigRaw: '{}',
      nodePaths: [],
      banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
      plugins: [sdkOfHost(), refuseAddons()],
    });
    const inputs = Object.keys(metafile.inputs).filter((input) => input !== ENTRY && !input.includes('(disabled)') && !isSdkInput(input));
    const files = readClosure(root, inputs, kind);
    const [map, program] = [
      outputFiles.find(({ path }) => path.endsWith('.map'))!,
      outputFiles.find(({ path }) => !path.endsWith('.map'))!,
    ];
    const code = new TextEncoder().encode(neutralPaths(program.text, files));
    const isCommonJs = metafile.inputs[file]?.format === 'cjs';
    const compiled = Object.entries(metafile.outputs).find(([path]) => !path.endsWith('.map'))![1];
    return { code, map: neutralMap(map.text, files), closure: closureFiles(files), exports: isCommonJs ? undefined : compiled.exports };
  } catch (error) {
    throw translateFailure(error, file, kind);
  }
}

const ENTRY = 'entry.js';

/** The error for an export that does not exist; names those that do. */
export function missingExport(source: string, exported: readonly string[], kind: SourceKind): ModelOpsError {
  const { exportName } = parseSourceName(source);
  const file = source.slice(0, source.lastIndexOf(':'));
  const near = nearestName(exportName, exported);
  const has = exported.length === 0 ? 'it exports nothing' : `it exports ${exported.join(', ')}`;
  return new ModelOpsError(NOUNS[kind].notFound, `${file} has no export ${exportName}; ${has}`, {
    hint: near && `did you mean ${file}:${near}?`,
  });
}

function translateFailure(error: unknown, file: string, kind: SourceKind): unknown {
  const failure = error as Partial<BuildFailure>;
  if (error instanceof ModelOpsError || failure.errors === undefined) return error;
  const problems = failure.errors.map(({ location, text }: Message) => ({
    path: location === null ? '' : `${location.file}:${location.line}:${location.column + 1}`,
    message: text,
  }));
  return new ModelOpsError(NOUNS[kind].invalid, `${file} does not compile`, { problems, cause: error });
}
