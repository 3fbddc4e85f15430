import { Argument, Option, Command as Parser } from 'commander';
import type { Command } from './command.ts';
import { type FieldSpec, fieldsOf } from './fields.ts';
import { describeField, describeJson, usageOf } from './help.ts';
import type { Words } from './read-values.ts';

export const HELP_OPTION = ['-h, --help', 'Show this help'] as const;

/** Adds the arguments and options of a command to a parser. All are optional here, so that missing ones are reported with all other problems. */
export function addFields(parser: Parser, command: Command<never>): void {
  for (const field of fieldsOf(command.args, 'argument'))
    parser.addArgument(new Argument(field.kind === 'list' ? `[${field.name}...]` : `[${field.name}]`, describeField(field)));
  for (const option of fieldsOf(command.options, 'option').flatMap(optionsOf)) parser.addOption(option);
  parser.option('--json', describeJson(command)).option('-q, --quiet', 'Omit progress, notes and summaries');
  parser.usage(usageOf(command));
}

/** The words given on the command line for the fields of a command. */
export function wordsOf(parser: Parser, command: Command<never>): { readonly args: Words; readonly options: Words } {
  const values = parser.opts<Record<string, string | boolean | string[]>>();
  const args = fieldsOf(command.args, 'argument').map(({ key }, at) => [key, parser.processedArgs[at]] as const);
  const wordOf = (field: FieldSpec) =>
    optionsOf(field)
      .map((option) => values[option.attributeName()])
      .find((word) => word !== undefined);
  const options = fieldsOf(command.options, 'option').map((field) => [field.key, wordOf(field)] as const);
  const given = (entries: readonly (readonly [string, unknown])[]) =>
    new Map(entries.filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0))) as Words;
  return { args: given(args), options: given(options) };
}

/** The options of a command as help shows them: `[term, description]`. */
export function describeOptions(command: Command<never>): (readonly [string, string])[] {
  const parser = new Parser().helpOption(...HELP_OPTION);
  addFields(parser, command);
  const help = parser.createHelp();
  return help.visibleOptions(parser).map((option) => [help.optionTerm(option), help.optionDescription(option)] as const);
}

/** A switch has both forms; help shows the one that changes its default. Aliases are separate options, hidden in help. */
function optionsOf(field: FieldSpec): Option[] {
  const short = field.short === undefined ? '' : `-${field.short}, `;
  const text = describeField(field);
  if (field.kind === 'boolean') {
    const isOn = field.default === true;
    return [new Option(`${short}--${field.flag}`, text).hideHelp(isOn), new Option(`--no-${field.flag}`, text).hideHelp(!isOn)];
  }
  const valued = (flags: string) => {
    const option = new Option(`${flags} <${field.placeholder}>`, text);
    return field.kind === 'list' || field.kind === 'record'
      ? option.argParser((value, earlier: string[] = []) => [...earlier, value])
      : option;
  };
  return [valued(`${short}--${field.flag}`), ...field.aliases.map((alias) => valued(`--${alias}`).hideHelp())];
}
