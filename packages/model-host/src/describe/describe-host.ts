// A child process that loads one compiled program and writes the description of an export to descriptor 3. With `trial` it also runs the model once
// and reports the files that were opened; with `allows` and a file of parameter sets, it reports which of them the model's constraint allows. The
// output of the program goes to stdout and stderr.   describe-host PROGRAM EXPORT [trial | allows SETS]
import { readFileSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { ModelDescription } from '@modelops/contracts';
import { createSourceFrames } from '../hosts/node/source-frames.ts';
import { undeclaredFile } from '../hosts/node/undeclared-file.ts';
import { SOURCE_MAP } from '../source/source-map.ts';
import { recordOpenedFiles } from './opened-files.ts';
import { trialValues } from './trial-values.ts';
import '../hosts/provide-sdk.ts';

const [, , program, exportName, mode, sets] = process.argv as [string, string, string, string, string | undefined, string | undefined];

const framesOf = createSourceFrames([{ program, map: `${program}${SOURCE_MAP}` }]);

function reply(value: object): void {
  const bytes = Buffer.from(JSON.stringify(value));
  for (let at = 0; at < bytes.length; ) at += writeSync(3, bytes, at);
}

interface Described {
  readonly kind?: unknown;
  readonly describe?: () => object;
  readonly allows?: (values: object) => boolean;
  readonly simulateTask?: (values: object, seed: number, scenario: string, config: null) => unknown;
}

function errorOf(thrown: unknown): object {
  const { name, message, stack, hint, problems } = (thrown instanceof Error ? thrown : new Error(String(thrown))) as Error & {
    hint?: string;
    problems?: unknown;
  };
  return { name, message, stack: framesOf(String(stack)), hint, problems, missing: undeclaredFile(thrown, process.cwd()) };
}

/** `1` or `0` for each parameter set. The file has the names on its first line and one set per line, as JSON arrays. */
function allowedSets(model: Described, file: string): string {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const [names, ...rows] = lines.map((line) => JSON.parse(line) as unknown[]);
  const valuesOf = (row: unknown[]) => Object.fromEntries(names!.map((name, at) => [name, row[at]]));
  return rows.map((row) => (model.allows?.(valuesOf(row)) === false ? '0' : '1')).join('');
}

async function describe(): Promise<void> {
  const module = (await import(pathToFileURL(program).href)) as Record<string, Described | null | undefined>;
  const value = module[exportName];
  if (!(exportName in module)) reply({ exported: Object.entries(module).map(([name, one]) => ({ name, kind: String(one?.kind) })) });
  else if (typeof value?.describe !== 'function') reply({ kind: value === null ? 'null' : `a ${typeof value}` });
  else if (mode === 'allows') reply({ kind: String(value.kind), allowed: allowedSets(value, sets!) });
  else reply({ kind: String(value.kind), description: value.describe() });
}

/** Runs the model once. Reports the opened files even if it throws. */
async function tryModel(): Promise<void> {
  const recorded = recordOpenedFiles();
  const opened = () => recorded().filter((file) => file !== program);
  try {
    const module = (await import(pathToFileURL(program).href)) as Record<string, Described | null | undefined>;
    const model = module[exportName]!;
    const { parameters, scenarios } = model.describe!() as ModelDescription;
    await model.simulateTask!(trialValues(parameters), 0, scenarios[0]!, null);
    reply({ opened: opened() });
  } catch (error) {
    reply({ opened: opened(), error: errorOf(error) });
  }
}

try {
  await (mode === 'trial' ? tryModel() : describe());
} catch (error) {
  reply({ error: errorOf(error) });
}
process.exit(0);
