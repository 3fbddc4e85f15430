// The Node model host: a child process that loads one compiled model and answers frames on descriptors 3 (in) and 4 (out).
import { readFileSync, readSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { getHeapStatistics } from 'node:v8';
import type { ModelDefinition, TargetDefinition } from '@modelops/sdk';
import { parseCsv } from '@modelops/sdk';
import '../provide-sdk.ts';
import { bodyLength, decodeBody, encodeFrame, type Frame, FrameTooLarge } from '../frames.ts';
import { decodeEvaluate, type Evaluation, encodeRan, type LoadMessage, type RunMessage } from '../messages.ts';
import type { TaskError } from '../task-error.ts';
import { createBatchTables } from './batch-tables.ts';
import { watchStderr } from './stderr-tail.ts';
import { asTaskError } from './thrown-error.ts';
import { undeclaredFileHint } from './undeclared-file.ts';

const IN = 3;
/** Bytes of one write: a system call takes less than 2 GiB. */
const MAX_WRITE = 2 ** 30;
const OUT = 4;
/** A batch that takes longer than this reports its current task, so that the worker can limit the time of one task. */
const TICK_MS = 100;

const stderr = watchStderr();

type Observed = ReturnType<typeof parseCsv>;
interface Loaded {
  /** Undefined in a host that evaluates targets alone. */
  readonly model: ModelDefinition | undefined;
  readonly load: LoadMessage;
  readonly targets: ReadonlyMap<string, { readonly target: TargetDefinition; readonly observed: Observed }>;
}

function readExactly(length: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; ) {
    const read = readSync(IN, bytes, at, length - at, null);
    if (read === 0) return undefined;
    at += read;
  }
  return bytes;
}

function readFrame(): Frame | undefined {
  const prefix = readExactly(4);
  const body = prefix && readExactly(bodyLength(prefix));
  return body && decodeBody(body);
}

function send(frame: Frame): void {
  const bytes = encodeFrame(frame);
  for (let at = 0; at < bytes.length; ) at += writeSync(OUT, bytes, at, Math.min(bytes.length - at, MAX_WRITE));
}

/** What is too large to be sent is the task's failure, and not the host's. */
function sendOrSayWhy(frame: Frame): void {
  try {
    send(frame);
  } catch (error) {
    if (!(error instanceof FrameTooLarge)) throw error;
    send({ header: { type: 'too_large', message: `the outputs have ${error.message}` }, buffers: [] });
  }
}

async function importExport(program: string, exportName: string): Promise<unknown> {
  const module = (await import(pathToFileURL(program).href)) as Record<string, unknown>;
  if (!(exportName in module)) throw new Error(`${program} exports no ${exportName}`);
  return module[exportName];
}

async function load(message: LoadMessage): Promise<Loaded> {
  const model = message.program === '' ? undefined : ((await importExport(message.program, message.exportName)) as ModelDefinition);
  const targets = new Map<string, { target: TargetDefinition; observed: Observed }>();
  for (const { name, program, exportName, data } of message.targets) {
    const target = (await importExport(program, exportName)) as TargetDefinition;
    targets.set(name, { target, observed: data === null ? {} : parseCsv(readFileSync(data, 'utf8')) });
  }
  return { model, load: message, targets };
}

/** An error of the model, with the command that declares a file that it did not find. */
function modelError(error: unknown, source: string | undefined): TaskError {
  return asTaskError(error, { stderr: stderr.text(), hint: undeclaredFileHint(error, process.cwd(), source) });
}

function run({ model, load: { scenario, config, outputs, source } }: Loaded, { values, set, seeds }: RunMessage): Frame {
  const count = set.length;
  const durations = new Float64Array(count);
  const errors: { task: number; error: TaskError }[] = [];
  const tables = createBatchTables(outputs, count);
  let ticked = performance.now();
  for (let task = 0; task < count; task++) {
    const started = performance.now();
    if (started - ticked > TICK_MS) {
      send({ header: { type: 'tick', task }, buffers: [] });
      ticked = started;
    }
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
  const { target: name, table } = decodeEvaluate(frame);
  const { target, observed } = targets.get(name)!;
  let evaluation: Evaluation;
  stderr.clear();
  try {
    const columns = Object.fromEntries(table.columns.map((column) => [column.name, column.values])) as never;
    evaluation = target.evaluate({ columns, rows: table.rows, observed });
    if (!Number.isFinite(evaluation.loss)) throw new RangeError(`the loss is ${evaluation.loss}`);
    JSON.stringify(evaluation); // what cannot be written down is the target's failure, and not the host's
  } catch (error) {
    evaluation = { error: asTaskError(error, { stderr: stderr.text() }) };
  }
  return { header: { type: 'evaluated', evaluation }, buffers: [] };
}

async function main(): Promise<void> {
  let loaded: Loaded | undefined;
  for (let frame = readFrame(); frame !== undefined; frame = readFrame()) {
    if (frame.header.type === 'load') {
      const message = frame.header as unknown as LoadMessage;
      try {
        loaded = await load(message);
        send({ header: { type: 'loaded', heap_limit: getHeapStatistics().heap_size_limit }, buffers: [] });
      } catch (error) {
        send({ header: { type: 'load_failed', error: modelError(error, message.source) }, buffers: [] });
      }
    } else if (frame.header.type === 'run') {
      sendOrSayWhy(run(loaded!, frame.header as unknown as RunMessage));
    } else {
      send(evaluate(loaded!, frame));
    }
  }
  process.exit(0);
}

await main();
