import { readFileSync, realpathSync } from 'node:fs';
import { register } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MappedProgram } from './source-frames.ts';

/** Runs on the thread of the module loader: appends the source map to the text of one module. */
const LOADER = `let program, comment;
export const initialize = (data) => { ({ program, comment } = data); };
export async function load(url, context, next) {
  const loaded = await next(url, context);
  return url === program ? { ...loaded, source: Buffer.from(loaded.source).toString('utf8') + comment } : loaded;
}`;

/**
 * Loads a program with its source map inline, so that a debugger shows the model's own files: those in the folder `root`, with their text. Files outside
 * it, such as dependencies, keep the names of the map. For programs that are not imported yet; without a readable map nothing changes.
 */
export function showSources({ program, map }: MappedProgram, root: string): void {
  const parsed = map === undefined ? undefined : parseMap(readText(map));
  if (parsed === undefined) return;
  const contents = parsed.sources.map((source) => readText(resolve(root, source)) ?? null);
  const sources = parsed.sources.map((source, at) => (contents[at] === null ? source : pathToFileURL(resolve(root, source)).href));
  const inline = Buffer.from(JSON.stringify({ ...parsed, sources, sourcesContent: contents })).toString('base64');
  const data = {
    program: pathToFileURL(realpathSync(program)).href,
    comment: `\n//# sourceMappingURL=data:application/json;base64,${inline}\n`,
  };
  register(`data:text/javascript,${encodeURIComponent(LOADER)}`, { data });
}

function parseMap(text = ''): { readonly sources: readonly string[] } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the bundle is from before source maps
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // it is not in the folder
  }
}
