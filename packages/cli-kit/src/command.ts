import type * as z from 'zod';
import type { JsonData } from './json.ts';
import type { Style } from './style.ts';

/** Text, or pieces of text that is too long for one string or is produced gradually. */
export type Text = string | Iterable<string> | AsyncIterable<string>;

/** The schema of a document, as document.ts makes it, and a type that the data of its command must fit. */
export type DocumentOf<Fields> = z.ZodType & {
  /** Never set. */
  readonly fields?: Fields;
};

/** The fields of a document besides its schema's name. */
export type FieldsOf<Document> = Document extends DocumentOf<infer Fields> ? Fields : never;

/**
 * A command: its arguments and options, what it does, and how its data is printed. Its name and one-line summary are in the program's
 * list ({@link LazyCommand}), so that help need not load it.
 */
export interface CommandDefinition<Args extends z.ZodObject, Options extends z.ZodObject, Data extends JsonData, Deps> {
  /** Whole command lines. */
  readonly examples: readonly string[];
  /** Positional arguments in the order of the keys; an array, last, takes all that remain. */
  readonly args: Args;
  /**
   * Flags, in kebab case: a boolean is a switch (`--no-x` when its default is true), an enum has choices, an array repeats or is separated by commas
   * (`.meta({ split: false })`: repeats only), a record takes `name=value` and repeats. `.describe()` is the help,
   * `.meta({ short: 'o', aliases: ['out'], placeholder: 'FILE' })` the short flag, other names of the flag, and the value's name.
   */
  readonly options: Options;
  /** Executes the command and returns data. Must not print, exit or read the environment. */
  run(input: z.output<Args> & z.output<Options>, deps: Deps): Promise<Data> | Data;
  /** The data for display, on stdout. */
  human(data: Data, style: Style): Text;
  /** Notes printed on stderr before the result; omitted with `--quiet`. */
  notes?(data: Data, style: Style): string;
  /**
   * Schema of the `--json` document, or of all variants. Imported for docs and tests, never when the command runs. Annotate its type as
   * `Promise<z.ZodType>` if `json` prints other fields than the data's.
   */
  document(): Promise<z.ZodType>;
  /** Name of the `--json` document, whose other fields are the data's: `modelops.jobs.resume/v1`. */
  readonly schema: string;
  /** Name of the list document, if the command prints another document for a single item. */
  readonly listSchema?: string;
  /** The `--json` document in pieces, for data too large for one string. Default: `{schema, ...data}`. */
  json?(data: Data): Text;
  /** Exit status, if it depends on the data. Default: 0. */
  exit?(data: Data): number;
  /** Further statuses that `exit` may return, for help. Default, with `exit`: those of a job. */
  readonly statuses?: readonly number[];
}

/** Any command that runs with `Deps`. */
export interface Command<Deps> extends CommandDefinition<z.ZodObject, z.ZodObject, JsonData, Deps> {
  /** Never set. Makes the compiler reject a command in a program that does not provide all of its dependencies. */
  readonly requires?: ((deps: Deps) => void) | undefined;
}

/** Infers a command's types, and checks that its data fits its document. */
export function defineCommand<
  Args extends z.ZodObject,
  Options extends z.ZodObject,
  Data extends Fields,
  Deps,
  Fields extends JsonData = JsonData,
>(
  definition: CommandDefinition<Args, Options, Data, Deps> & { document(): Promise<DocumentOf<Fields>> },
): CommandDefinition<Args, Options, Data, Deps> & Pick<Command<Deps>, 'requires'> {
  return definition;
}
