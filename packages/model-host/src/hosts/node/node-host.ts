// The Node model host: a child process that loads one compiled model. It reads requests on descriptor 3 and writes answers to 4.
import { pathToFileURL } from 'node:url';
import { getHeapStatistics } from 'node:v8';
import type { Column, ModelDefinition, TargetDefinition } from '@modelops/sdk';
import '../provide-sdk.ts';
import type { Frame } from '../frames.ts';
import { decodeEvaluate, type Evaluation, encodeRan, type LoadMessage, type RunMessage, SOURCES_VARIABLE } from '../messages.ts';
import { createTicker, serveFrames } from '../serve-frames.ts';
import type { TaskError } from '../task-error.ts';
import { createBatchTables } from './batch-tables.ts';
import { showSources } from './debugged-sources.ts';
import { readObserved } from './observed-data.ts';
import { createSourceFrames } from './source-frames.ts';
import { watchStderr } from './stderr-tail.ts';
import { asTaskError } from './thrown-error.ts';
import { undeclaredFileHint } from './undeclared-file.ts';

const stderr = watchStderr();
/** Maps stack traces of loaded programs to their sources. */
let framesOf: (trace: string) => string = (trace) => trace;

/** By file, its columns. */
type Observed = Readonly<Record<string, Awaited<ReturnType<typeof readObserved>>>>;
interface Loaded {
  /** Undefined in a host that only evaluates targets. */
  readonly model: ModelDefinition | undefined;
  readonly load: LoadMessage;
  readonly targets: ReadonlyMap<string, LoadedTarget>;
}

/** A target that does not load fails its own evaluations only. */
type LoadedTarget = { readonly target: TargetDefinition; readonly observed: Observed } | { readonly error: TaskError };

async function importExport(program: string, exportName: string): Promise<unknown> {
  const module = (await import(pathToFileURL(program).href)) as Record<string, unknown>;
  if (!(exportName in module)) throw new Error(`${program} exports no ${exportName}`);
  return module[exportName];
}

async function load(message: LoadMessage): Promise<Loaded> {
  const model = message.program === '' ? undefined : ((await importExport(message.program, message.exportName)) as ModelDefinition);
  const targets = new Map<string, LoadedTarget>();
  for (const target of message.targets) targets.set(target.name, await loadTarget(target));
  return { model, load: message, targets };
}

async function loadTarget({ program, exportName, files }: LoadMessage['targets'][number]): Promise<LoadedTarget> {
  stderr.clear();
  try {
    const target = (await importExport(program, exportName)) as TargetDefinition;
    const observed = await Promise.all(Object.entries(files).map(async ([file, path]) => [file, await readObserved(path)] as const));
    return { target, observed: Object.fromEntries(observed) };
  } catch (error) {
    return { error: asTaskError(error, { stderr: stderr.text(), framesOf }) };
  }
}

/** An error of the model; for a file that was not found, with the command that declares it. */
function modelError(error: unknown, source: string | undefined): TaskError {
  return asTaskError(error, { stderr: stderr.text(), hint: undeclaredFileHint(error, process.cwd(), source), framesOf });
}

function run({ model, load: { scenario, config, outputs, source } }: Loaded, { values, set, seeds }: RunMessage): Frame {
  const count = set.length;
  const durations = new Float64Array(count);
  const errors: { task: number; error: TaskError }[] = [];
  const tables = createBatchTables(outputs, count);
  const tick = createTicker();
  for (let task = 0; task < count; task++) {
    const started = performance.now();
    tick(task, started);
    stderr.clear();
    try {
      const seed = seeds[task]!;
      tables.add(task, model!.simulateTask(values[set[task]!]!, typeof seed === 'string' ? BigInt(seed) : seed, scenario, config));
    } catch (error) {
      tables.drop(task);
      errors.push({ task, error: modelError(error, source) });
    }
    durations[task] = performance.now() - started;
  }
  return encodeRan({ durations, errors, outputs: tables.finish() });
}

function evaluate({ targets }: Loaded, frame: Frame): Frame {
  const { target: name, outputs } = decodeEvaluate(frame);
  const loadedTarget = targets.get(name)!;
  if ('error' in loadedTarget) return { header: { type: 'evaluated', evaluation: loadedTarget }, buffers: [] };
  const { target, observed } = loadedTarget;
  let evaluation: Evaluation;
  stderr.clear();
  try {
    const tables = Object.entries(outputs).map(([output, { columns, rows }]) => {
      return [output, { columns: Object.fromEntries(columns.map(({ name, values }) => [name, values as Column])), rows }] as const;
    });
    evaluation = target.evaluate({ outputs: Object.fromEntries(tables), observed });
    if (!Number.isFinite(evaluation.loss)) throw new RangeError(`the loss is ${evaluation.loss}`);
    JSON.stringify(evaluation); // a value that JSON cannot represent is a failure of the target, not of the host
  } catch (error) {
    evaluation = { error: asTaskError(error, { stderr: stderr.text(), framesOf }) };
  }
  return { header: { type: 'evaluated', evaluation }, buffers: [] };
}

let loaded: Loaded | undefined;
await serveFrames({
  async load(message) {
    framesOf = createSourceFrames([message, ...message.targets]);
    const sources = process.env[SOURCES_VARIABLE];
    if (sources !== undefined) showSources(message, sources);
    loaded = await load(message);
    return { heap_limit: getHeapStatistics().heap_size_limit };
  },
  failed: (error, { source }) => modelError(error, source),
  run: (batch) => run(loaded!, batch),
  evaluate: (frame) => evaluate(loaded!, frame),
});
