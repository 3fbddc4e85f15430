import { dirname, join } from 'node:path';

/** The sources of a workspace, and what its packages export. */
export interface Workspace {
  /** The text of each file, by path from the root: `packages/store/src/index.ts`. */
  readonly sources: ReadonlyMap<string, string>;
  /** The file of each specifier: `@modelops/store`. */
  readonly entries: ReadonlyMap<string, string>;
}

/**
 * The packages that code of `name` imports although `allowed` does not list them, each with the chain of files that leads there. Imports of
 * types, and re-exports of allowed packages, count too; tests are ignored.
 */
export function layerViolations(name: string, allowed: readonly string[], { sources, entries }: Workspace): string[] {
  const found = new Map<string, string>();
  const seen = new Set<string>();
  const visit = (file: string, chain: readonly string[]) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const specifier of importsOf(sources.get(file) ?? '')) {
      const target = specifier.startsWith('.') ? join(dirname(file), specifier) : entries.get(specifier);
      const other = packageOf(specifier.startsWith('@modelops/') ? specifier.replace('@modelops/', 'packages/') : (target ?? ''));
      if (other !== undefined && other !== name && !allowed.includes(other)) {
        if (!found.has(other)) found.set(other, [...chain, file, specifier].join(' → '));
      } else if (target !== undefined) visit(target, [...chain, file]);
    }
  };
  for (const file of sources.keys()) if (packageOf(file) === name && !isTest(file)) visit(file, []);
  return [...found].map(([other, chain]) => `${name} reaches ${other}: ${chain}`);
}

/** The specifiers of all imports and re-exports of a file. Templates and comments are ignored: they may contain the source of a model. */
export function importsOf(text: string): string[] {
  const code = text.replace(/`(?:\\.|[^`\\])*`/gs, '``').replace(/^\s*(\/\/|\/?\*).*$/gm, '');
  return [...code.matchAll(/(?:^|[\s;}])(?:from|import)\s*\(?\s*'([^'\n]+)'/g)].map((match) => match[1]!);
}

export function packageOf(file: string): string | undefined {
  return /^packages\/([a-z-]+)/.exec(file)?.[1];
}

export function isTest(file: string): boolean {
  return /\.test\.ts$|\/testing\/|conformance/.test(file);
}
