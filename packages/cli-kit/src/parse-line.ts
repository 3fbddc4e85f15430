import { ModelOpsError } from '@modelops/contracts';
import { CommanderError, Help, Option, Command as Parser } from 'commander';
import { addFields, HELP_OPTION, wordsOf } from './add-fields.ts';
import type { Command } from './command.ts';
import { displayWidth } from './format.ts';
import { exitStatusesOf } from './help.ts';
import type { Output, ProgramIo } from './io.ts';
import type { LazyCommand, Program } from './program.ts';
import type { Words } from './read-values.ts';
import { paletteOf, styleOf } from './style.ts';

/** A command that a command line calls, and the words given for its fields. */
export interface CommandCall<Deps> {
  /** `mops jobs list`. */
  readonly name: string;
  readonly command: Command<Deps>;
  readonly args: Words;
  readonly options: Words;
  readonly isJson: boolean;
  readonly isQuiet: boolean;
}

type Streams = Pick<ProgramIo, 'stdout' | 'stderr' | 'env'>;

/**
 * Parses one command line: prints help or the version, or imports the command and runs it.
 * @returns the exit status. @throws USAGE for an unknown command or option, with the nearest one as the hint
 */
export async function parseLine<Deps>(
  program: Program<Deps>,
  argv: readonly string[],
  streams: Streams,
  run: (call: CommandCall<Deps>) => Promise<number>,
): Promise<number> {
  let status = 0;
  const printed: { readonly output: Output; readonly text: string }[] = [];
  const root = createRoot(program, streams, (output, text) => printed.push({ output, text }));
  const entries = new Map<Parser, LazyCommand<Deps>>();
  let reached = root;
  const enter = async (_: Parser, parser: Parser) => {
    reached = parser;
    const entry = entries.get(parser);
    if (entry === undefined) return addCommands(parser);
    const command = await entry.load();
    addFields(parser, command);
    parser.addHelpText('after', epilogueOf(command)).action(async () => {
      const { json: isJson = false, quiet: isQuiet = false } = parser.optsWithGlobals<{ json?: boolean; quiet?: boolean }>();
      status = await run({ name: fullName(parser), command, ...wordsOf(parser, command), isJson, isQuiet });
    });
  };
  /** Adds the commands and groups of a group by name and summary. Their own commands are added when the line enters them. */
  const addCommands = (group: Parser) => {
    const path = wordsTo(group);
    for (const entry of program.commands) {
      const words = entry.name.split(' ');
      const word = words[path.length]!;
      if (!path.every((one, at) => one === words[at]) || group.commands.some((child) => child.name() === word)) continue;
      const isCommand = words.length === path.length + 1;
      const summary = isCommand ? entry.summary : (program.groups?.[[...path, word].join(' ')] ?? '');
      const parser = group
        .command(word)
        .description(summary)
        .helpCommand(false)
        .helpOption(...HELP_OPTION);
      if (isCommand) entries.set(parser, entry);
    }
    group.usage('COMMAND [options]').addHelpText('after', `\n${fullName(group)} COMMAND --help shows the help of a command.`);
    group.hook('preSubcommand', enter);
  };
  addCommands(root);
  try {
    await root.parseAsync(argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv, { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (printed.length === 0) throw usageError(error, `${fullName(reached)} --help`);
    for (const { output, text } of printed) await output.write(text);
    return error.exitCode === 0 ? 0 : 2;
  }
}

/** True when `--json` is among the words of a line, even of one that cannot be parsed. */
export function requestsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}

function createRoot(
  { name, summary, version }: Program<never>,
  { stdout, stderr, env }: Streams,
  print: (output: Output, text: string) => void,
) {
  const root = new Parser(name).description(summary).version(version, '-V, --version', 'Show the version');
  // Commands added below inherit these settings.
  root
    .exitOverride()
    .helpCommand(false)
    .configureHelp({ styleTitle: paletteOf(true).bold, displayWidth, minWidthToWrap: MIN_WRAPPED, formatItem });
  root.configureOutput({
    writeOut: (text) => print(stdout, text),
    writeErr: (text) => print(stderr, text),
    outputError: () => undefined,
    getOutHelpWidth: () => Math.min(stdout.columns, 120),
    getErrHelpWidth: () => Math.min(stderr.columns, 120),
    getOutHasColors: () => styleOf(stdout, env).color.isOn,
    getErrHasColors: () => styleOf(stderr, env).color.isOn,
  });
  // These two are also accepted before the command: mops --json jobs list.
  return root
    .addOption(new Option('--json').hideHelp())
    .addOption(new Option('-q, --quiet').hideHelp())
    .helpOption(...HELP_OPTION);
}

/** Minimum width of wrapped text. */
const MIN_WRAPPED = 20;
/** Minimum width of a description beside its term, and how far one below its term is indented. */
const MIN_BESIDE = 40;
const BELOW = 6;

/** The description of an option or command beside it, or below it where the terminal is too narrow. */
function formatItem(term: string, termWidth: number, description: string, help: Help): string {
  const width = help.helpWidth ?? 80;
  if (description === '' || width - termWidth - 4 >= MIN_BESIDE)
    return Help.prototype.formatItem.call(help, term, termWidth, description, help);
  const lines = help.boxWrap(description, width - BELOW).split('\n');
  return [`  ${term}`, ...lines.map((line) => `${' '.repeat(BELOW)}${line}`)].join('\n');
}

/** The words after the program's name that lead to a command or group. */
function wordsTo(parser: Parser): string[] {
  return parser.parent === null ? [] : [...wordsTo(parser.parent), parser.name()];
}

function fullName(parser: Parser): string {
  return parser.parent === null ? parser.name() : `${fullName(parser.parent)} ${parser.name()}`;
}

function epilogueOf(command: Command<never>): string {
  const { bold } = paletteOf(true);
  return [
    '',
    bold('Examples:'),
    ...command.examples.map((example) => `  ${example}`),
    '',
    bold('Exit statuses:'),
    ...exitStatusesOf(command).map(([status, text]) => `  ${String(status).padEnd(4)} ${text}`),
  ].join('\n');
}

/** Commander's message is `error: unknown option '--tmes'`, then a line `(Did you mean --times?)`. */
function usageError({ message }: CommanderError, help: string): ModelOpsError {
  const [text = '', suggestion] = message.replace(/^error: /, '').split('\n');
  const near = suggestion?.replace(/^\(Did you mean (.*)\)$/, 'did you mean $1');
  return new ModelOpsError('USAGE', text, { hint: near === undefined ? help : `${near} (${help})` });
}
