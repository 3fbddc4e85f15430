// A child process that loads one compiled program and answers one request: with the description of an export; with the files that one run of the model
// opened (`trial`); or with the parameter sets that the model's constraint allows (`allows`). Its output goes to stdout and stderr.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { ModelDescription } from '@modelops/contracts';
import type { Frame } from '../hosts/frames.ts';
import { createSourceFrames } from '../hosts/node/source-frames.ts';
import { undeclaredFile } from '../hosts/node/undeclared-file.ts';
import { readFrame, send } from '../hosts/serve-frames.ts';
import { SOURCE_MAP } from '../source/source-file.ts';
import { recordOpenedFiles } from './opened-files.ts';
import type { DescribeRequest } from './run-host.ts';
import { trialValues } from './trial-values.ts';
import '../hosts/provide-sdk.ts';

const { type, program, exportName, sets } = readFrame()!.header as Frame['header'] & DescribeRequest & { readonly program: string };

const framesOf = createSourceFrames([{ program, map: `${program}${SOURCE_MAP}` }]);

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

async function load(): Promise<Record<string, Described | null | undefined>> {
  return await import(pathToFileURL(program).href);
}

/** `1` or `0` for each parameter set of a file. */
function allowedSets(model: Described, file: string): string {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const [names, ...rows] = lines.map((line) => JSON.parse(line) as unknown[]);
  const valuesOf = (row: unknown[]) => Object.fromEntries(names!.map((name, at) => [name, row[at]]));
  return rows.map((row) => (model.allows?.(valuesOf(row)) === false ? '0' : '1')).join('');
}

async function describe(): Promise<object> {
  const module = await load();
  const value = module[exportName];
  if (!(exportName in module)) return { exported: Object.entries(module).map(([name, one]) => ({ name, kind: String(one?.kind) })) };
  if (typeof value?.describe !== 'function') return { kind: value === null ? 'null' : `a ${typeof value}` };
  if (type === 'allows') return { kind: String(value.kind), allowed: allowedSets(value, sets!) };
  return { kind: String(value.kind), description: value.describe() };
}

/** Runs the model once. Reports the opened files even if it throws. */
async function tryModel(): Promise<object> {
  const recorded = recordOpenedFiles();
  const opened = () => recorded().filter((file) => file !== program);
  try {
    const model = (await load())[exportName]!;
    const { parameters, scenarios } = model.describe!() as ModelDescription;
    await model.simulateTask!(trialValues(parameters), 0, scenarios[0]!, null);
    return { opened: opened() };
  } catch (error) {
    return { opened: opened(), error: errorOf(error) };
  }
}

const reply = (answer: object) => send({ header: { ...answer, type: 'described' }, buffers: [] });
try {
  reply(await (type === 'trial' ? tryModel() : describe()));
} catch (error) {
  reply({ error: errorOf(error) });
}
process.exit(0);
