import { describeOptions } from './add-fields.ts';
import type { Command } from './command.ts';
import { fieldsOf } from './fields.ts';
import { describeField, EXIT_STATUSES, exitStatusesOf, JOB_STATUSES_OF_EXIT, usageOf } from './help.ts';
import type { LazyCommand, Program } from './program.ts';

export interface CommandDescription {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly args: readonly (readonly [string, string])[];
  readonly options: readonly (readonly [string, string])[];
  readonly examples: readonly string[];
  /** Names of the documents that `--json` prints. */
  readonly documents: readonly string[];
  readonly exitStatuses: readonly number[];
}

export interface ProgramDescription {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly CommandDescription[];
}

/** A program and all its commands as data, for a generated reference. Loads every command. */
export async function describeProgram({ name, summary, commands }: Program<never>): Promise<ProgramDescription> {
  const described = await Promise.all(commands.map(async (entry) => describeCommand(name, entry, await entry.load())));
  return { name, summary, commands: described };
}

/** The reference of the programs in Markdown. The same programs give the same text. */
export function renderReference(programs: readonly ProgramDescription[]): string {
  const statuses = [...EXIT_STATUSES, ...JOB_STATUSES_OF_EXIT].sort(([a], [b]) => a - b);
  return [
    '# Command line reference',
    '',
    'Generated from the code. Results go to stdout, everything else to stderr.',
    '',
    ...programs.map(({ name, summary }) => `- [\`${name}\`](#${name}) – ${summary}`),
    '',
    '## Exit statuses',
    '',
    ...table(
      ['status', 'meaning'],
      statuses.map(([status, text]) => [String(status), text]),
    ),
    ...programs.flatMap(renderProgram),
  ].join('\n');
}

async function describeCommand(
  program: string,
  { name, summary }: LazyCommand<never>,
  command: Command<never>,
): Promise<CommandDescription> {
  const { documentsIn } = await import('./document.ts');
  return {
    name,
    summary,
    usage: `${program} ${name} ${usageOf(command)}`,
    args: fieldsOf(command.args, 'argument').map((field) => [field.name, describeField(field)]),
    options: describeOptions(command),
    examples: command.examples,
    documents: documentsIn(await command.document()).map(([document]) => document),
    exitStatuses: exitStatusesOf(command).map(([status]) => status),
  };
}

function renderProgram({ name, summary, commands }: ProgramDescription): string[] {
  return ['', `## ${name}`, '', summary, ...commands.flatMap((command) => renderCommand(name, command))];
}

function renderCommand(
  program: string,
  { name, summary, usage, args, options, examples, documents, exitStatuses }: CommandDescription,
): string[] {
  return [
    '',
    `### ${program} ${name}`,
    '',
    `${summary}.`,
    '',
    '```',
    usage,
    '```',
    '',
    ...(args.length === 0
      ? []
      : [
          ...table(
            ['argument', ''],
            args.map(([term, text]) => [`\`${term}\``, text]),
          ),
          '',
        ]),
    ...table(
      ['option', ''],
      options.map(([term, text]) => [`\`${term}\``, text]),
    ),
    '',
    '```sh',
    ...examples,
    '```',
    '',
    `JSON: ${documents.map(linkTo).join(', ')}. Exit statuses: ${exitStatuses.join(', ')}.`,
  ];
}

const linkTo = (document: string) => `[\`${document}\`](schemas/${document.replace('/', '.')}.json)`;

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)];
}
