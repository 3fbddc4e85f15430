import type { Command } from './command.ts';

/** A command as its program lists it; imported only when it runs or its own help is requested. */
export interface LazyCommand<Deps> {
  /** Words after the program's name: `jobs resume`. */
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command<Deps>>;
}

/** The commands of a group by their last word: the summary of each, and the import of its module, which exports it as `command`. */
export function listCommands<Deps>(
  group: string,
  commands: Readonly<Record<string, readonly [summary: string, load: () => Promise<{ readonly command: Command<Deps> }>]>>,
): readonly LazyCommand<Deps>[] {
  return Object.entries(commands).map(([word, [summary, load]]) => ({
    name: `${group} ${word}`.trimStart(),
    summary,
    load: async () => (await load()).command,
  }));
}

/** A program as data. Commands whose names share their first words form a group with its own help: `mops jobs --help`. */
export interface Program<Deps> {
  readonly name: string;
  readonly summary: string;
  readonly version: string;
  readonly commands: readonly LazyCommand<Deps>[];
  /** The summary of each group, by its words. */
  readonly groups?: Readonly<Record<string, string>>;
}
