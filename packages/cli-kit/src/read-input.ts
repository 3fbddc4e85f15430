import { describeIssue, ModelOpsError, type Problem, valueAt } from '@modelops/contracts';
import type * as z from 'zod';
import { type FieldSpec, fieldsOf } from './fields.ts';
import type { CommandCall } from './parse-line.ts';
import { readFields } from './read-values.ts';

/**
 * Converts the words of a call to the command's types.
 * @throws USAGE with every problem of every option and argument at once
 */
export function readInput({ name, command, args, options }: CommandCall<never>): Record<string, unknown> {
  const problems: Problem[] = [];
  const argFields = fieldsOf(command.args, 'argument');
  const optionFields = fieldsOf(command.options, 'option');
  const input = {
    ...check(command.args, readFields(argFields, args, problems), argFields, problems),
    ...check(command.options, readFields(optionFields, options, problems), optionFields, problems),
  };
  if (problems.length > 0)
    throw new ModelOpsError('USAGE', `invalid arguments or options of ${name}`, { problems, hint: `${name} --help` });
  return input;
}

/** Parses one object; its problems use the names as typed. Fields that could not be read are not reported twice. */
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
    const path = field === undefined ? '' : pathOf(field, issue.path.slice(1));
    if (field !== undefined && unread.has(field.name)) continue;
    problems.push({ path, message: describeIssue(issue, valueAt(raw, issue.path)) });
  }
  return {};
}

/** Repeated arguments are numbered; for a repeated option, the value in the message identifies it. */
function pathOf({ name }: FieldSpec, rest: readonly PropertyKey[]): string {
  const place = (part: PropertyKey) => (typeof part !== 'number' ? ` ${String(part)}` : name.startsWith('--') ? '' : `[${part}]`);
  return name + rest.map(place).join('');
}
