import { describeIssue, ModelOpsError, nearestName, type Problem, valueAt } from '@modelops/contracts';
import type * as z from 'zod';
import type { Command } from './command.ts';
import { type FieldSpec, fieldsOf } from './flags.ts';
import { readFields, type Words } from './read-values.ts';

/** A command line in the command's own types, and the flags that every command has. */
export interface ParsedCommand {
  readonly input: Record<string, unknown>;
  readonly isJson: boolean;
  readonly isQuiet: boolean;
}

/**
 * Reads the words after a command's name.
 * @throws USAGE for an unknown flag, with the nearest known one; otherwise with every problem of every flag and argument at once.
 */
export async function parseCommand(command: Command<never>, callName: string, argv: readonly string[]): Promise<ParsedCommand> {
  const args = fieldsOf(command.args, 'argument');
  const options = fieldsOf(command.options, 'option');
  const help = `${callName} --help`;
  const words = await splitWords(args, options, argv, help);
  const problems: Problem[] = [];
  const input = {
    ...check(command.args, readFields(args, words.args, problems), args, problems),
    ...check(command.options, readFields(options, words.options, problems), options, problems),
  };
  if (problems.length > 0) throw usage(`invalid arguments or options of ${callName}`, { problems, hint: help });
  return { input, isJson: words.isJson, isQuiet: words.isQuiet };
}

async function splitWords(args: readonly FieldSpec[], options: readonly FieldSpec[], argv: readonly string[], help: string) {
  const { Argument, Command: Commander, CommanderError, Option } = await import('commander');
  const parser = new Commander().exitOverride().configureOutput({ writeErr: () => undefined, outputError: () => undefined });
  parser.helpOption(false).showSuggestionAfterError(false);
  for (const field of args) parser.addArgument(new Argument(field.kind === 'list' ? `[${field.flag}...]` : `[${field.flag}]`));
  const collect = (value: string, previous: string[] | undefined) => [...(previous ?? []), value];
  const flags = options.map((field) => {
    const short = field.short === undefined ? '' : `-${field.short}, `;
    const option = new Option(field.kind === 'boolean' ? `${short}--${field.flag}` : `${short}--${field.flag} <value>`);
    if (field.kind === 'list' || field.kind === 'record') option.argParser(collect);
    parser.addOption(option);
    if (field.kind === 'boolean') parser.addOption(new Option(`--no-${field.flag}`));
    return [field.key, option.attributeName()] as const;
  });
  parser.option('--json').option('-q, --quiet');
  try {
    parser.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw usageOf(error.message, options, help);
  }
  const values = parser.opts<Record<string, string | boolean | string[]>>();
  return {
    args: new Map(args.map(({ key }, at) => [key, parser.processedArgs[at]] as const).filter(([, value]) => isGiven(value))) as Words,
    options: new Map(flags.map(([key, name]) => [key, values[name]] as const).filter(([, value]) => value !== undefined)) as Words,
    isJson: values.json === true,
    isQuiet: values.quiet === true,
  };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

/** Parses one object; its problems are named as they were typed. Fields that could not be read are not reported twice. */
function check(
  schema: z.ZodObject,
  raw: Record<string, unknown>,
  fields: readonly FieldSpec[],
  problems: Problem[],
): Record<string, unknown> {
  const known = new Map(fields.map((field) => [field.key, field]));
  const unread = new Set(problems.map(({ path }) => path));
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const field = known.get(String(issue.path[0]));
    const path = field === undefined ? '' : nameOf(field, issue.path.slice(1));
    if (field !== undefined && unread.has(field.name)) continue;
    problems.push({ path, message: describeIssue(issue, valueAt(raw, issue.path)) });
  }
  return {};
}

/** Of a flag that was repeated the value tells which is meant; arguments are counted. */
function nameOf({ name }: FieldSpec, rest: readonly PropertyKey[]): string {
  const place = (part: PropertyKey) => (typeof part !== 'number' ? ` ${String(part)}` : name.startsWith('--') ? '' : `[${part}]`);
  return name + rest.map(place).join('');
}

function usageOf(message: string, options: readonly FieldSpec[], help: string): ModelOpsError {
  const text = message.replace(/^error: /, '');
  const unknown = /^unknown option '([^'=]*)/.exec(text)?.[1];
  const known = [...options.flatMap(({ flag, kind }) => (kind === 'boolean' ? [flag, `no-${flag}`] : [flag])), 'json', 'quiet', 'help'];
  const near = unknown?.startsWith('--') === true ? nearestName(unknown.slice(2), known) : undefined;
  return usage(text, { hint: near === undefined ? help : `did you mean --${near}? (${help})` });
}

function usage(message: string, details: { hint: string; problems?: readonly Problem[] }): ModelOpsError {
  return new ModelOpsError('USAGE', message, details);
}
