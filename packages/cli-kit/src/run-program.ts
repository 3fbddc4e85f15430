import { ModelOpsError } from '@modelops/contracts';
import type { Command, Text } from './command.ts';
import { renderCommandHelp, renderGroupHelp } from './help.ts';
import { raceInterrupt } from './interrupt.ts';
import { isEpipe, type Output, type ProgramIo } from './io.ts';
import { jsonDocument } from './json.ts';
import { lookOf } from './look.ts';
import type { LazyCommand, Program } from './program.ts';
import { exitStatusOf, renderError } from './render-error.ts';
import { asksForJson, resolveInvocation } from './resolve.ts';
import { createTalk, type Talk } from './talk.ts';

/** What `main.ts` may use to make a command's dependencies. */
export interface ProgramContext {
  readonly talk: Talk;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  /** Called when the command has ended, however it ended; last first. */
  defer(cleanup: () => Promise<void> | void): void;
}

export interface RunOptions<Deps> extends Program<Deps> {
  /** Makes the dependencies, after the command line was found good. */
  deps(context: ProgramContext): Promise<Deps> | Deps;
  /** Words after the program's name. */
  readonly argv: readonly string[];
  readonly io: ProgramIo;
}

/**
 * Runs one command line and returns the exit status (DESIGN §4); never throws.
 * Data goes to stdout; talk and errors, rendered once, to stderr. A reader of stdout who leaves early is no failure.
 */
export async function runProgram<Deps>(options: RunOptions<Deps>): Promise<number> {
  const { argv, io, name, reportTo } = options;
  try {
    return await dispatch(options);
  } catch (error) {
    if (isEpipe(error)) return 0;
    await io.stderr.write(renderError(error, { program: name, isJson: asksForJson(argv), reportTo }, lookOf(io.stderr, io.env)));
    return exitStatusOf(error);
  }
}

async function dispatch<Deps>(options: RunOptions<Deps>): Promise<number> {
  const { argv, io } = options;
  const invocation = resolveInvocation(options, argv);
  switch (invocation.kind) {
    case 'version':
      await io.stdout.write(`${options.version}\n`);
      return 0;
    case 'group-help': {
      const output = invocation.isAsked ? io.stdout : io.stderr;
      await output.write(renderGroupHelp(options, invocation.words, lookOf(output, io.env)));
      return invocation.isAsked ? 0 : 2;
    }
    case 'command-help':
      await io.stdout.write(renderCommandHelp(options.name, await loadCommand(invocation.command), lookOf(io.stdout, io.env)));
      return 0;
    case 'command':
      return runCommand(await loadCommand(invocation.command), invocation.argv, options);
  }
}

async function loadCommand<Deps>(lazy: LazyCommand<Deps>): Promise<Command<Deps>> {
  const command = await lazy.load();
  if (command.name !== lazy.name) throw new Error(`the command listed as "${lazy.name}" calls itself "${command.name}"`);
  return command;
}

async function runCommand<Deps>(command: Command<Deps>, argv: readonly string[], { name, io, deps }: RunOptions<Deps>): Promise<number> {
  const { parseCommand } = await import('./parse-command.ts');
  const { input, isJson, isQuiet } = await parseCommand(command, name, argv);
  const cleanups: (() => Promise<void> | void)[] = [];
  const controller = new AbortController();
  const context: ProgramContext = {
    talk: createTalk(io, { isQuiet }),
    signal: controller.signal,
    env: io.env,
    cwd: io.cwd,
    isJson,
    isQuiet,
    defer: (cleanup) => void cleanups.unshift(cleanup),
  };
  const work = async () => {
    try {
      const data = await command.run(input as never, await deps(context));
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
  data: object,
  { isJson, isQuiet }: { readonly isJson: boolean; readonly isQuiet: boolean },
  { stdout, stderr, env }: ProgramIo,
  signal: AbortSignal,
): Promise<void> {
  const look = lookOf(stdout, env);
  const aside = isQuiet ? '' : (command.aside?.(data, lookOf(stderr, env)) ?? '');
  if (aside !== '') await stderr.write(`${aside.trimEnd()}\n`);
  await writeText(stdout, isJson ? (command.json?.(data) ?? jsonDocument(command.schema, data)) : command.human(data, look), signal);
}

/** Writes text or its pieces, with a line break at the end; a piece is not asked for before the last one has left. */
async function writeText(output: Output, text: Text, signal: AbortSignal): Promise<void> {
  let last = '\n';
  for await (const piece of typeof text === 'string' ? [text] : text) {
    if (piece === '') continue;
    if (signal.aborted) throw new ModelOpsError('INTERRUPTED', 'interrupted');
    await output.write(piece);
    last = piece;
  }
  if (!last.endsWith('\n')) await output.write('\n');
}
