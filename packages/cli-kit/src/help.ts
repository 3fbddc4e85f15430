import type { Command } from './command.ts';
import { type FieldSpec, fieldsOf } from './flags.ts';
import { wrapText } from './format.ts';
import { entriesOf, type Program } from './program.ts';
import type { Style } from './style.ts';

/** Exit statuses that any command may end with (DESIGN §4). */
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

/** Help of a program or of a group of its commands. */
export function renderGroupHelp(program: Program<never>, words: readonly string[], { color, columns }: Style): string {
  const name = [program.name, ...words].join(' ');
  const summary = words.length === 0 ? program.summary : program.groups?.[words.join(' ')];
  const entries = entriesOf(program, words).map((entry) => [`${program.name} ${entry.name}`, entry.summary] as const);
  return [
    ...(summary === undefined ? [] : [summary, '']),
    `${color.bold('Usage:')} ${name} COMMAND [options]`,
    '',
    color.bold('Commands:'),
    definitionList(entries, columns),
    '',
    `${name} COMMAND --help shows the arguments, options, examples and exit statuses of a command.`,
    ...(words.length === 0 ? [`${program.name} --version prints ${program.version}.`] : []),
    '',
  ].join('\n');
}

/** Help of one command, with an example and the exit statuses. */
export function renderCommandHelp(usage: CommandUsage, command: Command<never>, { color, columns }: Style): string {
  const args = fieldsOf(command.args, 'argument');
  const sections = [usage.summary, '', `${color.bold('Usage:')} ${usageLine(usage, command)}`];
  const add = (title: string, text: string) => sections.push('', color.bold(`${title}:`), text);
  if (args.length > 0)
    add(
      'Arguments',
      definitionList(
        args.map((arg) => [arg.name, describeField(arg)]),
        columns,
      ),
    );
  add('Options', definitionList(optionLines(command), columns));
  add('Examples', command.examples.map((example) => `  ${example}`).join('\n'));
  add(
    'Exit statuses',
    definitionList(
      exitStatusesOf(command).map(([status, text]) => [String(status), text]),
      columns,
    ),
  );
  return `${sections.join('\n')}\n`;
}

/** How a command is called and what it is for. */
export interface CommandUsage {
  readonly program: string;
  readonly name: string;
  readonly summary: string;
}

export function usageLine({ program, name: commandName }: CommandUsage, command: Command<never>): string {
  const args = fieldsOf(command.args, 'argument').map(({ name, kind, isRequired }) => {
    const text = kind === 'list' ? `${name}...` : name;
    return isRequired ? text : `[${text}]`;
  });
  const required = fieldsOf(command.options, 'option').filter(({ isRequired }) => isRequired);
  return [program, commandName, ...args, ...required.map(({ name, placeholder }) => `${name} ${placeholder}`), '[options]'].join(' ');
}

/** Each flag as it is typed, with its help; the flags of every command last. */
export function optionLines(command: Command<never>): (readonly [string, string])[] {
  return [
    ...fieldsOf(command.options, 'option').map((field) => [flagText(field), describeField(field)] as const),
    ['--json', `Print the result as one JSON document (${schemasOf(command)})`],
    ['-q, --quiet', 'Leave out progress, notes and summaries'],
    ['-h, --help', 'Show this help'],
  ];
}

function schemasOf({ schema, listSchema }: Command<never>): string {
  return listSchema === undefined ? schema : `${schema}; of several, ${listSchema}`;
}

export function exitStatusesOf({ exit, statuses }: Command<never>): (readonly [number, string])[] {
  const own = exit === undefined ? [] : JOB_STATUSES_OF_EXIT.filter(([status]) => statuses === undefined || statuses.includes(status));
  return [...EXIT_STATUSES, ...own].sort(([a], [b]) => a - b);
}

export function describeField(field: FieldSpec): string {
  const facts = [
    field.choices.length > 0 ? `one of ${field.choices.join(', ')}` : '',
    field.kind === 'list' && field.name.startsWith('--') ? (field.isSplit ? 'repeatable, or separated by commas' : 'repeatable') : '',
    field.kind === 'record' ? 'repeatable' : '',
    defaultText(field),
    field.isRequired && field.name.startsWith('--') ? 'required' : '',
  ].filter((fact) => fact !== '');
  return [field.description, facts.length === 0 ? '' : `(${facts.join('; ')})`].filter((text) => text !== '').join(' ');
}

function flagText(field: FieldSpec): string {
  const short = field.short === undefined ? '' : `-${field.short}, `;
  if (field.kind === 'boolean') return field.default === true ? `--no-${field.flag}` : `${short}--${field.flag}`;
  return `${short}--${field.flag} ${field.placeholder}`;
}

function defaultText({ kind, default: value }: FieldSpec): string {
  if (value === undefined || value === null || kind === 'boolean') return '';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? '' : `default: ${Object.values(value).join(', ')}`;
  return `default: ${String(value)}`;
}

function definitionList(entries: readonly (readonly [string, string])[], columns: number): string {
  const widest = Math.min(34, Math.max(...entries.map(([term]) => term.length)));
  const width = Math.max(30, Math.min(columns, 120) - widest - 4);
  return entries
    .map(([term, text]) => {
      const gap = term.length > widest ? `\n${' '.repeat(widest + 4)}` : ' '.repeat(widest + 2 - term.length);
      return `  ${term}${gap}${wrapText(text, width, widest + 4)}`.trimEnd();
    })
    .join('\n');
}
