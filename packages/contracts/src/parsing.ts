import type * as z from 'zod';
import { describeIssue, valueAt } from './describe-issue.ts';
import { type ErrorCode, ModelOpsError, type Problem } from './errors.ts';
import { formatCount } from './format-count.ts';
import { nearestName } from './nearest.ts';

/** How errors describe the parsed text: its name (a file) and the error code. */
export interface ParseContext {
  readonly source: string;
  readonly code: ErrorCode;
  readonly hint?: string | undefined;
}

/**
 * Parses JSON text, or its UTF-8 bytes, by a schema.
 * @throws the context's code, naming the source, with every problem and its path; for broken JSON the line and column.
 */
export function parseJson<S extends z.ZodType>(text: string | Uint8Array, schema: S, context: ParseContext): z.output<S> {
  return parseValue(readJson(text, context), schema, context);
}

/** JSON text, or its UTF-8 bytes, as a value. @throws the context's code with line and column when the text is not JSON. */
export function readJson(json: string | Uint8Array, { source, code, hint }: ParseContext): unknown {
  const text = typeof json === 'string' ? json : new TextDecoder().decode(json);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const where = positionOf(text, cause);
    throw new ModelOpsError(code, `${source} is not valid JSON${where}`, {
      cause,
      hint: hint ?? 'check that the file is complete, or write it again',
    });
  }
}

/** The value as UTF-8 JSON with a final newline. */
export function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}

/** Parses a value by a schema. @throws the context's code with every problem and its path. */
export function parseValue<S extends z.ZodType>(value: unknown, schema: S, { source, code, hint }: ParseContext): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, value, schema));
  throw problemsError(problems, { source, code, hint });
}

/** The error of a source with these problems. */
export function problemsError(problems: readonly Problem[], { source, code, hint }: ParseContext): ModelOpsError {
  return new ModelOpsError(code, `${source} has ${formatCount(problems.length, 'problem')}`, { problems, hint });
}

function problemsOf(issue: z.core.$ZodIssue, value: unknown, schema: z.ZodType): Problem[] {
  const path = pathOf(issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ path, message: describeIssue(issue, valueAt(value, issue.path)) }];
  const known = knownKeys(schema, issue.path);
  return issue.keys.map((key) => {
    const near = nearestName(key, known);
    return { path: path === '' ? key : `${path}.${key}`, message: `unknown field${near === undefined ? '' : `; did you mean "${near}"?`}` };
  });
}

function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at = bare(schema);
  for (const key of path) at = bare(typeof key === 'number' ? at?.element : (at?.shape?.[key] ?? at?.valueType));
  return Object.keys(at?.shape ?? {});
}

interface Inner {
  readonly shape?: Readonly<Record<PropertyKey, Inner>>;
  readonly element?: Inner;
  readonly valueType?: Inner;
  readonly unwrap?: () => Inner;
}

/** The object, list or record within lazy, optional and nullable schemas. */
function bare(schema: unknown): Inner | undefined {
  let inner = schema as Inner | undefined;
  while (inner?.unwrap !== undefined && inner.element === undefined) inner = inner.unwrap();
  return inner;
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
}

function positionOf(text: string, error: unknown): string {
  if (text.trim() === '') return ': it is empty';
  const message = error instanceof Error ? error.message : '';
  const at = /position (\d+)/.exec(message)?.[1];
  if (at === undefined) return /end of JSON/.test(message) ? ': it ends before its last bracket closes' : `: ${message}`;
  const before = text.slice(0, Number(at)).split('\n');
  return ` at line ${before.length}, column ${before.at(-1)!.length + 1}`;
}
