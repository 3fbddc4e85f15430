import type * as z from 'zod';
import type { Look } from './look.ts';

/** Text, or pieces of it for what is too long to be one string, or comes bit by bit. */
export type Text = string | Iterable<string> | AsyncIterable<string>;

/** A command: what it takes, what it does, and the two faces of what it returns. */
export interface CommandDefinition<Args extends z.ZodObject, Options extends z.ZodObject, Data extends object, Deps> {
  /** Words after the program's name: `jobs resume`. */
  readonly name: string;
  readonly summary: string;
  /** Whole command lines. */
  readonly examples: readonly string[];
  /** Positional arguments in the order of the keys; an array, last, takes all that remain. */
  readonly args: Args;
  /**
   * Flags, in kebab case: a boolean is a switch (`--no-x` when its default is true), an enum has choices, an array repeats or is separated by commas
   * (`.meta({ split: false })`: repeats only), a record takes `name=value` and repeats. `.describe()` is the help,
   * `.meta({ short: 'o', placeholder: 'FILE' })` the short flag and the value's name.
   */
  readonly options: Options;
  /** Does it and returns data. Never prints, exits or reads the environment. */
  run(input: z.output<Args> & z.output<Options>, deps: Deps): Promise<Data> | Data;
  /** The data for a person, on stdout. */
  human(data: Data, look: Look): Text;
  /** What is said beside the result, on stderr; left out with `--quiet`. */
  aside?(data: Data, look: Look): string;
  /** Name of the `--json` document, whose other fields are the data's: `modelops.jobs.resume/v1`. */
  readonly schema: string;
  /** Name of the document of several things, where a command on one thing prints that thing's own. */
  readonly listSchema?: string;
  /** The `--json` document in pieces, for data too large for one string. Default: `{schema, ...data}`. */
  json?(data: Data): Text;
  /** Exit status where it depends on the data. Default: 0. */
  exit?(data: Data): number;
  /** What `exit` may give beside the statuses of every command, for help. Default, with `exit`: those of a job. */
  readonly statuses?: readonly number[];
}

/** Any command that runs with `Deps`. */
export type Command<Deps> = CommandDefinition<z.ZodObject, z.ZodObject, object, Deps>;

/** Gives a command its types. */
export function defineCommand<Args extends z.ZodObject, Options extends z.ZodObject, Data extends object, Deps>(
  definition: CommandDefinition<Args, Options, Data, Deps>,
): CommandDefinition<Args, Options, Data, Deps> {
  return definition;
}
