import type { InputFile } from './closure.ts';

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
