import type { Command } from './command.ts';

/** A command as its program lists it; imported only when it runs or its own help is requested. */
export interface LazyCommand<Deps> {
  /** Words after the program's name: `jobs resume`. */
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command<Deps>>;
}

/** A program as data. Commands whose names share their first words form a group with its own help: `mops jobs --help`. */
export interface Program<Deps> {
  readonly name: string;
  readonly summary: string;
  readonly version: string;
  readonly commands: readonly LazyCommand<Deps>[];
  /** A line of help for a group, by its words. */
  readonly groups?: Readonly<Record<string, string>>;
  /** Where a defect is reported. */
  readonly reportTo?: string;
}

/** A command or a group, as a list of help shows it. */
export interface Entry {
  readonly name: string;
  readonly summary: string;
}

/** True when some command's name starts with these words and has more. No words: the program itself. */
export function isGroup(program: Program<never>, words: readonly string[]): boolean {
  return words.length === 0 || program.commands.some(({ name }) => name.startsWith(`${words.join(' ')} `));
}

/** Below this many commands a list of help shows each, instead of groups. */
const FEW = 9;

/** The commands under a group; of many, those right under it and the groups in it, in order of their first mention. */
export function entriesOf({ commands, groups = {} }: Program<never>, words: readonly string[]): Entry[] {
  const prefix = words.length === 0 ? '' : `${words.join(' ')} `;
  const under = commands.filter(({ name }) => name.startsWith(prefix));
  if (under.length < FEW) return under.map(({ name, summary }) => ({ name, summary }));
  const entries = new Map<string, Entry>();
  for (const { name, summary } of under) {
    const [first, ...rest] = name.slice(prefix.length).split(' ');
    const full = `${prefix}${first}`;
    if (rest.length === 0) entries.set(full, { name: full, summary });
    else if (!entries.has(full)) entries.set(full, { name: full, summary: groups[full] ?? `Commands: ${childrenOf(commands, full)}` });
  }
  return [...entries.values()];
}

function childrenOf(commands: readonly Entry[], group: string): string {
  const names = commands.filter(({ name }) => name.startsWith(`${group} `)).map(({ name }) => name.slice(group.length + 1).split(' ')[0]);
  return [...new Set(names)].join(', ');
}
