import { ModelOpsError } from '@modelops/contracts';
import type { Command, Text } from './command.ts';
import { escapeControls } from './escape-controls.ts';
import { raceInterrupt } from './interrupt.ts';
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
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  /** Registers a function to call after the command, in reverse order, even if the command failed. */
  defer(cleanup: () => Promise<void> | void): void;
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
  const { argv, io, name, reportTo } = options;
  try {
    return await parseLine(options, argv, io, (call) => runCommand(call, options));
  } catch (error) {
    if (isEpipe(error)) return 0;
    const style = styleOf(io.stderr, io.env);
    const text = renderError(error, { program: name, isJson: requestsJson(argv), reportTo }, style);
    await io.stderr.write(escapeControls(text, style.color.isOn));
    return exitStatusOf(error);
  }
}

async function runCommand<Deps>(call: CommandCall<Deps>, { io, deps }: RunOptions<Deps>): Promise<number> {
  const { command, isJson, isQuiet } = call;
  const { readInput } = await import('./read-input.ts');
  const input = readInput(call);
  const cleanups: (() => Promise<void> | void)[] = [];
  const controller = new AbortController();
  const context: ProgramContext = {
    reporter: createReporter(io, { isQuiet }),
    signal: controller.signal,
    env: io.env,
    cwd: io.cwd,
    isJson,
    isQuiet,
    defer: (cleanup) => void cleanups.unshift(cleanup),
  };
  const work = async () => {
    try {
      const data = await command.run(input, await deps(context));
      await present(command, data, { isJson, isQuiet }, io, controller.signal);
      return command.exit?.(data) ?? 0;
    } finally {
      for (const cleanup of cleanups) await cleanup();
    }
  };
  return raceInterrupt(work, controller, io);
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
