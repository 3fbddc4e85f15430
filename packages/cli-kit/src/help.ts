import type { Command } from './command.ts';
import { type FieldSpec, fieldsOf } from './fields.ts';

/** Exit statuses that any command may end with. */
export const EXIT_STATUSES: readonly (readonly [number, string])[] = [
  [0, 'done'],
  [1, 'a defect of the program'],
  [2, 'bad usage or a bad file'],
  [3, 'not found'],
  [4, 'conflict or illegal state'],
  [5, 'not authorised'],
  [6, 'a service is unreachable; trying again may help'],
  [130, 'interrupted'],
];

/** Statuses of commands whose status depends on a job. */
export const JOB_STATUSES_OF_EXIT: readonly (readonly [number, string])[] = [
  [10, 'job partial'],
  [11, 'job failed'],
  [12, 'job cancelled'],
  [13, 'job still running when the wait ended'],
];

/** The arguments, required options and `[options]` of a command, as its usage line shows them. */
export function usageOf(command: Command<never>): string {
  const args = fieldsOf(command.args, 'argument').map(({ name, kind, isRequired }) => {
    const text = kind === 'list' ? `${name}...` : name;
    return isRequired ? text : `[${text}]`;
  });
  const required = fieldsOf(command.options, 'option').filter(({ isRequired }) => isRequired);
  return [...args, ...required.map(({ name, placeholder }) => `${name} <${placeholder}>`), '[options]'].join(' ');
}

/** Help of `--json`: the names of the documents it prints. */
export function describeJson({ schema, listSchema }: Command<never>): string {
  return `Print the result as one JSON document (${listSchema === undefined ? schema : `${schema}; for several, ${listSchema}`})`;
}

export function exitStatusesOf({ exit, statuses }: Command<never>): (readonly [number, string])[] {
  const own = exit === undefined ? [] : JOB_STATUSES_OF_EXIT.filter(([status]) => statuses === undefined || statuses.includes(status));
  return [...EXIT_STATUSES, ...own].sort(([a], [b]) => a - b);
}

/** Help of an argument or option: its description, choices, whether it repeats, and its default. */
export function describeField(field: FieldSpec): string {
  const facts = [
    field.choices.length > 0 ? `one of ${field.choices.join(', ')}` : '',
    field.kind === 'list' && field.name.startsWith('--') ? (field.isSplit ? 'repeatable, or separated by commas' : 'repeatable') : '',
    field.kind === 'record' ? 'repeatable' : '',
    field.isRequired && field.name.startsWith('--') ? 'required' : defaultText(field),
    field.aliases.length > 0 ? `also ${field.aliases.map((alias) => `--${alias}`).join(', ')}` : '',
  ].filter((fact) => fact !== '');
  return [field.description, facts.length === 0 ? '' : `(${facts.join('; ')})`].filter((text) => text !== '').join(' ');
}

function defaultText({ kind, default: value }: FieldSpec): string {
  if (value === undefined || value === null || kind === 'boolean') return '';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? '' : `default: ${Object.values(value).join(', ')}`;
  return `default: ${String(value)}`;
}
