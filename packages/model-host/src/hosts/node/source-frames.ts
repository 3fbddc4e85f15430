import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { pathToFileURL } from 'node:url';

/** A compiled program and its source map, if any. */
export interface MappedProgram {
  readonly program: string;
  readonly map?: string | undefined;
}

/**
 * Maps the positions of a stack trace from compiled programs to their sources: `file:///…/models.seir.Seir.mjs:13:9` becomes `models/seir.ts:8:5`. Positions
 * without a mapping are not changed. A map is read when its program first fails; an unreadable map is ignored.
 */
export function createSourceFrames(programs: readonly MappedProgram[]): (trace: string) => string {
  const maps = new Map<string, SourceMap | undefined>();
  const mapOf = (file: string): SourceMap | undefined => {
    if (!maps.has(file)) maps.set(file, readMap(file));
    return maps.get(file);
  };
  const mapped = programs.flatMap(({ program, map }) =>
    map === undefined ? [] : [{ map, names: [pathToFileURL(program).href, program] }],
  );
  return (trace) =>
    mapped.reduce((text, { map, names }) => names.reduce((shown, name) => replacePlaces(shown, name, () => mapOf(map)), text), trace);
}

function replacePlaces(trace: string, name: string, map: () => SourceMap | undefined): string {
  const [first, ...rest] = trace.split(`${name}:`);
  return rest.reduce((text, part) => {
    const place = /^(\d{1,9}):(\d{1,9})/.exec(part);
    const source = place === null ? undefined : sourceOf(map(), Number(place[1]), Number(place[2]));
    return source === undefined ? `${text}${name}:${part}` : `${text}${source}${part.slice(place![0].length)}`;
  }, first!);
}

/** Lines and columns count from 1 in a trace, from 0 in a map. */
function sourceOf(map: SourceMap | undefined, line: number, column: number): string | undefined {
  const entry = map?.findEntry(line - 1, column - 1);
  if (entry === undefined || !('originalSource' in entry) || !entry.originalSource) return undefined;
  return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined; // the trace of the compiled code is used
  }
}
