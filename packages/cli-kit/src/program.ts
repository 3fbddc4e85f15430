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
  /** The summary of each group, by its words. */
  readonly groups?: Readonly<Record<string, string>>;
}
