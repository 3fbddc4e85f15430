import type { InputFile } from './closure.ts';

/**
 * A compiled program without the places where this machine keeps its dependencies. esbuild writes each module's path in a comment above it and,
 * for CommonJS, as the name of its wrapper: those would give one project another digest on each machine.
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

/** A source map that names the files by their paths in the closure; other sources have no name. */
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
