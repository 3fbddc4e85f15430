// The command model host: a child process that runs a model's command once per task. It reads requests on descriptor 3 and writes answers to 4.
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { mergeConfig, scenarioNamed, taskValues } from '@modelops/sdk/internal';
import type { CommandProgram } from '../../command/command-file.ts';
import { decodeCommand } from '../../command/command-file.ts';
import { missingFile } from '../../command/missing-file.ts';
import { fillPlaceholders, hasPlaceholder, type TaskTexts } from '../../command/placeholders.ts';
import { encodeRan, KEEP_VARIABLE, type LoadMessage, type RunMessage, SCRATCH_VARIABLE } from '../messages.ts';
import { createBatchTables } from '../node/batch-tables.ts';
import { watchStderr } from '../node/stderr-tail.ts';
import { asTaskError } from '../node/thrown-error.ts';
import { createTicker, serveFrames } from '../serve-frames.ts';
import type { TaskError } from '../task-error.ts';
import type { OutputColumns } from './output-columns.ts';
import { CommandFailure } from './output-columns.ts';
import { readOutput } from './read-output.ts';
import { type CommandEnd, runCommand } from './run-command.ts';
import { createTaskFolders, type MakeTaskFolder, readSharedFiles } from './scratch.ts';

/** A process that runs this long after a signal ignores it. */
const IGNORED_AFTER_MS = 1000;

/** Read once: access to the environment is slow. */
const { [SCRATCH_VARIABLE]: SCRATCH, [KEEP_VARIABLE]: KEEP, ...INHERITED } = process.env;

const stderr = watchStderr();

type TaskScenario = Parameters<typeof taskValues>[3];

interface Loaded {
  readonly program: CommandProgram;
  readonly makeFolder: MakeTaskFolder;
  readonly load: LoadMessage;
}

/** @throws CommandFailure if the command is not installed */
function load(message: LoadMessage): Loaded {
  const view = process.cwd();
  const program = decodeCommand(readFileSync(message.program));
  checkInstalled(program.command[0]!, join(view, program.folder));
  const shared = readSharedFiles(view, message.program, program);
  return { program, makeFolder: createTaskFolders(SCRATCH!, shared, program.folder), load: message };
}

function checkInstalled(command: string, cwd: string): void {
  if (hasPlaceholder(command)) return;
  if (command.includes('/')) {
    const file = isAbsolute(command) ? command : join(cwd, command);
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
      throw new CommandFailure('CommandNotFound', `command ${command} not found`);
    if (!isExecutable(file)) throw new CommandFailure('CommandNotFound', `command ${command} is not executable: chmod +x ${command}`);
    return;
  }
  if ((process.env.PATH ?? '').split(delimiter).some((dir) => isExecutable(join(dir, command)))) return;
  throw new CommandFailure(
    'CommandNotFound',
    `command ${command} not found in PATH (for a program of the project, use a path: ./${command})`,
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

async function run(
  { program, makeFolder, load: { source = 'MODEL', scenario, config, outputs } }: Loaded,
  { values, set, seeds }: RunMessage,
) {
  const durations = new Float64Array(set.length);
  const errors: { task: number; error: TaskError }[] = [];
  const tables = createBatchTables(outputs, set.length);
  const tick = createTicker();
  const parameters = program.parameters as Parameters<typeof taskValues>[0];
  const names = Object.keys(parameters);
  for (let task = 0; task < set.length; task++) {
    const started = performance.now();
    tick(task, started);
    stderr.clear();
    try {
      const chosen = scenarioNamed(program.scenarios ?? { baseline: {} }, scenario);
      const params = taskValues(parameters, names, values[set[task]!]!, chosen as TaskScenario);
      const texts = { params, seed: String(seeds[task]!), scenario, config: mergeConfig(config, chosen.config) };
      tables.add(task, await runTask(program, makeFolder, outputs, texts, seeds[task]!));
    } catch (error) {
      tables.drop(task);
      errors.push({ task, error: withHint(taskError(error), program.folder, source) });
    }
    durations[task] = performance.now() - started;
  }
  return encodeRan({ durations, errors, outputs: tables.finish() });
}

function taskError(error: unknown): TaskError {
  if (!(error instanceof CommandFailure)) return asTaskError(error, { stderr: stderr.text() });
  const tail = stderr.text();
  return { kind: 'exception', type: error.type, message: error.message, ...(tail === '' ? {} : { stderr_tail: tail }) };
}

/** Adds the command that declares a file which the command did not find; it may also be a program or an output, so the hint is conditional. */
function withHint(error: TaskError, folder: string, source: string): TaskError {
  const file = error.type === 'ExitStatus' ? missingFile(error.stderr_tail ?? '', folder) : undefined;
  if (file === undefined) return error;
  const declare = `modelops-bundle register-model ${source} --data ${file}`;
  return { ...error, message: `${error.message} (a command sees only its declared files; to declare a file of the project: ${declare})` };
}

/** Runs the command for one task and reads the requested outputs. */
async function runTask(
  { command, env, outputs }: CommandProgram,
  makeFolder: MakeTaskFolder,
  requested: readonly string[],
  texts: TaskTexts,
  seed: number | string,
): Promise<Record<string, OutputColumns>> {
  const { params, scenario, config } = texts;
  const dir = makeFolder(texts, { parameters: params, seed, scenario, config });
  try {
    const words = command.map((word) => fillPlaceholders(word, texts));
    const own = Object.fromEntries(Object.entries(env).map(([name, text]) => [name, fillPlaceholders(text, texts)]));
    const onStderr = (text: string) => void process.stderr.write(text);
    const end = await runCommand({
      command: words,
      cwd: dir.cwd,
      env: { ...INHERITED, TMPDIR: dir.temporary, ...own },
      onStderr,
    });
    await checkEnd(words[0]!, end);
    const tables: Record<string, OutputColumns> = {};
    for (const output of requested) {
      const { file, columns } = outputs[output]!;
      tables[output] = await readOutput(join(dir.cwd, file), columns, file);
    }
    return tables;
  } finally {
    if (KEEP === undefined) dir.remove();
  }
}

/** If the command dies of a signal, this process kills itself with the same signal, so that the worker reports it and retries. */
async function checkEnd(program: string, { code, signal }: CommandEnd): Promise<void> {
  if (signal !== null) {
    process.kill(process.pid, signal);
    await pause(IGNORED_AFTER_MS);
    throw new CommandFailure('Signal', `${program} died of ${signal}`);
  }
  if (code === 0) return;
  const reason = lastError(stderr.text());
  throw new CommandFailure('ExitStatus', `${program} exited with status ${code}${reason === undefined ? '' : `: ${reason}`}`);
}

/** The last line with the word "error", otherwise the last line. */
function lastError(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1))?.trim().slice(0, 500);
}

let loaded: Loaded | undefined;
await serveFrames({
  async load(message) {
    loaded = load(message);
    return { heap_limit: getHeapStatistics().heap_size_limit };
  },
  failed: (error) => taskError(error),
  run: (batch) => run(loaded!, batch),
  evaluate() {
    throw new Error('a command model cannot evaluate targets');
  },
});
