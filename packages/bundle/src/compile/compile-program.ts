import { existsSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClosureFile, ModelOpsError, nearestName, parseSourceName, sha256Hex } from '@modelops/contracts';
import type { BuildFailure, Message, Metafile, Plugin } from 'esbuild';
import { dependencyPath } from './dependency-path.ts';

export interface CompileRequest {
  readonly projectDir: string;
  /** `models/seir.ts:StochasticSEIR` */
  readonly source: string;
}

export interface CompiledProgram {
  /** One ES module; the same for the same sources on every machine. */
  readonly code: Uint8Array;
  /** The files that it is made of, without the sdk's. */
  readonly closure: readonly ClosureFile[];
}

const SDK = '@modelops/sdk';

/**
 * Bundles a model's or target's module with everything that it imports.
 * @throws MODEL_NOT_FOUND for a file that is not there, MODEL_INVALID with file and line for code that does not compile, leaves the project or needs a native addon
 */
export async function compileProgram({ projectDir, source }: CompileRequest): Promise<CompiledProgram> {
  const file = sourceFile(projectDir, source);
  const { build } = await import('esbuild');
  try {
    const { outputFiles, metafile } = await build({
      stdin: { contents: `export * from ${JSON.stringify(`./${file}`)};`, resolveDir: projectDir, sourcefile: 'entry.js' },
      absWorkingDir: projectDir,
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
      outfile: 'program.mjs',
      tsconfigRaw: '{}',
      banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
      plugins: [sdkFallback(), refuseAddons()],
    });
    return { code: outputFiles[0]!.contents, closure: closureOf(projectDir, metafile) };
  } catch (error) {
    throw translateFailure(error, source);
  }
}

/** The project file of a source name. @throws MODEL_NOT_FOUND */
export function sourceFile(projectDir: string, source: string): string {
  const { file, importPath } = parseSourceName(source);
  const candidates =
    file === undefined ? ['ts', 'mts', 'js', 'mjs'].map((extension) => `${importPath.replaceAll('.', '/')}.${extension}`) : [file];
  const found = candidates.find((candidate) => existsSync(join(projectDir, candidate)) && statSync(join(projectDir, candidate)).isFile());
  if (found === undefined)
    throw new ModelOpsError('MODEL_NOT_FOUND', `there is no file ${candidates[0]} in ${projectDir}`, {
      hint: 'name the file as seen from the project folder',
    });
  return found;
}

/** The names that a compiled program exports were taken from; for the hint when one is missing. */
export function missingExport(source: string, exported: readonly string[]): ModelOpsError {
  const { exportName } = parseSourceName(source);
  const near = nearestName(exportName, exported);
  const has = exported.length === 0 ? 'it exports nothing' : `it exports ${exported.join(', ')}`;
  return new ModelOpsError(
    'MODEL_NOT_FOUND',
    `${source}: there is no export ${exportName}; ${has}`,
    near === undefined ? {} : { hint: `did you mean ${near}?` },
  );
}

/** A project that has not installed the sdk gets the copy beside this program. */
function sdkFallback(): Plugin {
  return {
    name: 'sdk-fallback',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^@modelops\/sdk$/ }, async ({ path, resolveDir, kind, pluginData }) => {
        if (pluginData === SDK) return undefined;
        const own = await resolve(path, { resolveDir, kind, pluginData: SDK });
        return own.errors.length === 0 ? own : { path: shippedSdk() };
      });
    },
  };
}

function shippedSdk(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith('.ts') ? '../../../sdk/dist/index.js' : './sdk.js', here));
}

function refuseAddons(): Plugin {
  return {
    name: 'refuse-addons',
    setup({ onResolve }) {
      onResolve({ filter: /\.node$/ }, ({ path }) => ({
        errors: [{ text: `${path} is a native addon, which would run on machines like this one only; use a library without one` }],
      }));
    },
  };
}

function closureOf(projectDir: string, { inputs }: Metafile): ClosureFile[] {
  const files: ClosureFile[] = [];
  for (const input of Object.keys(inputs)) {
    if (input === 'entry.js' || input.includes('(disabled)')) continue;
    const absolute = isAbsolute(input) ? input : join(projectDir, input);
    const dependency = dependencyPath(absolute);
    if (dependency?.name === SDK || absolute === shippedSdk()) continue;
    const path = dependency?.path ?? relative(projectDir, absolute).split(sep).join('/');
    if (path.startsWith('../')) {
      throw new ModelOpsError('MODEL_INVALID', `${input} is outside the project ${projectDir}`, {
        hint: 'a bundle holds files of its project and of installed packages only; move the file into the project',
      });
    }
    files.push({ path, sha256: sha256Hex(readFileSync(absolute)) });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function translateFailure(error: unknown, source: string): unknown {
  const failure = error as Partial<BuildFailure>;
  if (error instanceof ModelOpsError || failure.errors === undefined) return error;
  const problems = failure.errors.map((message: Message) => ({
    path: message.location === null ? '' : `${message.location.file}:${message.location.line}:${message.location.column + 1}`,
    message: message.text,
  }));
  return new ModelOpsError('MODEL_INVALID', `${source} does not compile`, { problems, cause: error });
}
