import { ERRORS, ModelOpsError } from '@modelops/contracts';
import type { Command, Text } from './command.ts';
import { escapeControls } from './escape-controls.ts';
import { isEpipe, type Output, type ProgramIo } from './io.ts';
import { type JsonData, jsonDocument } from './json.ts';
import { type CommandCall, parseLine, requestsJson } from './parse-line.ts';
import type { Program } from './program.ts';
import { exitStatusOf, renderError } from './render-error.ts';
import { createReporter, type Reporter } from './reporter.ts';
import { styleOf } from './style.ts';

/** The inputs from which `main.ts` builds a command's dependencies. */
export interface ProgramContext {
  readonly reporter: Reporter;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

export interface RunOptions<Deps> extends Program<Deps> {
  /** Builds the dependencies once the command line has been parsed. */
  deps(context: ProgramContext): Promise<Deps> | Deps;
  /** Words after the program's name. */
  readonly argv: readonly string[];
  readonly io: ProgramIo;
}

/**
 * Runs one command line and returns the exit status; never throws.
 * Data goes to stdout; messages and errors go to stderr. A closed stdout is not a failure.
 */
export async function runProgram<Deps>(options: RunOptions<Deps>): Promise<number> {
  const { argv, io, name } = options;
  try {
    return await parseLine(options, argv, io, (call) => runCommand(call, options));
  } catch (error) {
    if (isEpipe(error)) return 0;
    const style = styleOf(io.stderr, io.env);
    const text = renderError(error, { program: name, isJson: requestsJson(argv) }, style);
    await io.stderr.write(escapeControls(text, style.color.isOn));
    return exitStatusOf(error);
  }
}

async function runCommand<Deps>(call: CommandCall<Deps>, { io, deps }: RunOptions<Deps>): Promise<number> {
  const { command, isJson, isQuiet } = call;
  const { readInput } = await import('./read-input.ts');
  const input = readInput(call);
  const controller = new AbortController();
  const context: ProgramContext = {
    reporter: createReporter(io, { isQuiet }),
    signal: controller.signal,
    env: io.env,
    cwd: io.cwd,
  };
  const work = async () => {
    const data = await command.run(input, await deps(context));
    await present(command, data, { isJson, isQuiet }, io, controller.signal);
    return command.exit?.(data) ?? 0;
  };
  return raceInterrupt(work, controller, io);
}

/** Maximum time for cleaning up after Ctrl-C or SIGTERM before the process ends. */
const GRACE_MS = 2000;

/**
 * Runs work that Ctrl-C interrupts: the first Ctrl-C aborts the controller and waits up to 2 s for the work to stop; the second ends the process.
 * @throws INTERRUPTED if the work was interrupted
 */
async function raceInterrupt<T>(
  work: () => Promise<T>,
  controller: AbortController,
  { onInterrupt, exit }: Pick<ProgramIo, 'onInterrupt' | 'exit'>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const interrupted = () => new ModelOpsError('INTERRUPTED', 'interrupted');
  const stop = onInterrupt(() => {
    if (controller.signal.aborted) return exit(ERRORS.INTERRUPTED.exit);
    controller.abort(interrupted());
    timer = setTimeout(() => exit(ERRORS.INTERRUPTED.exit), GRACE_MS);
  });
  try {
    const result = await work();
    if (controller.signal.aborted) throw interrupted();
    return result;
  } catch (error) {
    throw controller.signal.aborted ? interrupted() : error;
  } finally {
    clearTimeout(timer);
    stop();
  }
}

async function present(
  command: Command<never>,
  data: JsonData,
  { isJson, isQuiet }: { readonly isJson: boolean; readonly isQuiet: boolean },
  { stdout, stderr, env }: ProgramIo,
  signal: AbortSignal,
): Promise<void> {
  const style = styleOf(stdout, env);
  const notes = isQuiet ? '' : (command.notes?.(data, styleOf(stderr, env)) ?? '');
  if (notes !== '') await stderr.write(`${escapeControls(notes.trimEnd(), styleOf(stderr, env).color.isOn)}\n`);
  await writeText(stdout, isJson ? (command.json?.(data) ?? jsonDocument(command.schema, data)) : command.human(data, style), {
    signal,
    isColored: !isJson && style.color.isOn,
  });
}

/** Writes text or its pieces, with a line break at the end; a piece is requested only after the previous one was written. */
async function writeText(
  output: Output,
  text: Text,
  { signal, isColored }: { readonly signal: AbortSignal; readonly isColored: boolean },
): Promise<void> {
  let last = '\n';
  for await (const piece of typeof text === 'string' ? [text] : text) {
    if (piece === '') continue;
    if (signal.aborted) throw new ModelOpsError('INTERRUPTED', 'interrupted');
    await output.write(escapeControls(piece, isColored));
    last = piece;
  }
  if (!last.endsWith('\n')) await output.write('\n');
}
