import { dirname, join } from 'node:path';

/** The sources of a workspace, and what its packages export. */
export interface Workspace {
  /** By path from the root, as `packages/store/src/index.ts`, the text of each file. */
  readonly sources: ReadonlyMap<string, string>;
  /** By specifier, as `@modelops/store`, the file that it stands for. */
  readonly entries: ReadonlyMap<string, string>;
}

/**
 * The packages that code of `name` reaches although `allowed` does not list them, each with the chain of files that leads there. Every import
 * counts, of types and by re-exports of allowed packages too; tests are not followed.
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

/** What a file imports or exports from, in whatever way. Templates and comments are ignored: they may hold the source of a model. */
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
