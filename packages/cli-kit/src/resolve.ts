import { ModelOpsError, nearestName } from '@modelops/contracts';
import { isGroup, type LazyCommand, type Program } from './program.ts';

/** What a command line asks for. */
export type Invocation<Deps> =
  | { readonly kind: 'version' }
  | { readonly kind: 'group-help'; readonly words: readonly string[]; readonly isAsked: boolean }
  | { readonly kind: 'command-help'; readonly command: LazyCommand<Deps> }
  | { readonly kind: 'command'; readonly command: LazyCommand<Deps>; readonly argv: readonly string[] };

const SWITCHES = new Set(['--json', '--quiet', '-q']);
const HELP = new Set(['--help', '-h']);

/**
 * Finds the command with the longest name that the line starts with. `--json` and `--quiet` may stand before it.
 * @throws USAGE for a name that is no command, with the nearest one.
 */
export function resolveInvocation<Deps>(program: Program<Deps>, argv: readonly string[]): Invocation<Deps> {
  const start = argv.findIndex((word) => !SWITCHES.has(word));
  const leading = argv.slice(0, start < 0 ? argv.length : start);
  const rest = argv.slice(leading.length);
  const isHelpWord = rest[0] === 'help';
  const isHelp = isHelpWord || wordsBeforeDashes(rest).some((word) => HELP.has(word));
  const words = leadingNames(isHelpWord ? rest.slice(1) : rest);
  const command = longestMatch(program, words);
  if (command !== undefined) {
    if (isHelp) return { kind: 'command-help', command };
    return { kind: 'command', command, argv: [...leading, ...rest.slice(command.name.split(' ').length)] };
  }
  if (isGroup(program, words)) {
    if (words.length === 0 && (rest[0] === '--version' || rest[0] === '-V')) return { kind: 'version' };
    const stray = rest.slice(words.length).find((word) => !HELP.has(word) && !SWITCHES.has(word));
    if (!isHelp && stray !== undefined) throw unknown(program, words, stray);
    return { kind: 'group-help', words, isAsked: isHelp };
  }
  const known = words.findIndex((_, at) => !isGroup(program, words.slice(0, at + 1)));
  throw unknown(program, words.slice(0, known), words[known]!);
}

/** True when `--json` is among the words of a line, even one that cannot be parsed. */
export function asksForJson(argv: readonly string[]): boolean {
  return wordsBeforeDashes(argv).includes('--json');
}

function wordsBeforeDashes(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end < 0 ? argv : argv.slice(0, end);
}

function leadingNames(argv: readonly string[]): readonly string[] {
  const end = argv.findIndex((word) => word.startsWith('-'));
  return end < 0 ? argv : argv.slice(0, end);
}

function longestMatch<Deps>({ commands }: Program<Deps>, words: readonly string[]): LazyCommand<Deps> | undefined {
  for (let length = words.length; length > 0; length--) {
    const name = words.slice(0, length).join(' ');
    const command = commands.find((candidate) => candidate.name === name);
    if (command !== undefined) return command;
  }
  return undefined;
}

function unknown(program: Program<never>, group: readonly string[], word: string): ModelOpsError {
  const prefix = [program.name, ...group].join(' ');
  const at = group.length;
  const names = program.commands.map(({ name }) => name.split(' ')).filter((words) => group.every((part, i) => words[i] === part));
  const near = nearestName(word, new Set(names.map((words) => words[at] ?? '')));
  const what = word.startsWith('-') ? 'option' : 'command';
  return new ModelOpsError('USAGE', `unknown ${what} "${word}" of ${prefix}`, {
    hint: near === undefined || what === 'option' ? `${prefix} --help` : `did you mean "${prefix} ${near}"? (${prefix} --help)`,
  });
}
