import { isModelOpsError, type ModelOpsError, messageOf, redact } from '@modelops/contracts';
import type { FieldsOf } from './command.ts';
import type { errorDocument } from './error-document.ts';
import type { Style } from './style.ts';

export interface ErrorContext {
  readonly program: string;
  readonly isJson: boolean;
}

/** Exit status of anything thrown: a foreseen failure has its own, a defect 1. */
export function exitStatusOf(error: unknown): number {
  return isModelOpsError(error) ? error.exit : 1;
}

/** The text on stderr for anything thrown: formatted, or one JSON document `{schema, error: {code, message, hint, problems, exit}}`. */
export function renderError(error: unknown, context: ErrorContext, style: Style): string {
  if (context.isJson) return `${JSON.stringify({ schema: 'modelops.error/v1', error: describeError(error) }, null, 2)}\n`;
  return isModelOpsError(error) ? renderFailure(error, style) : renderDefect(error, context, style);
}

function renderFailure(error: ModelOpsError, { color }: Style): string {
  const lines = [`${color.red('error:')} ${error.message}`];
  for (const { path, message, fix } of error.problems) {
    lines.push(path === '' ? `  - ${message}` : `  - ${color.bold(path)}: ${message}`);
    if (fix !== undefined) lines.push(`    ${color.cyan('fix:')} ${fix}`);
  }
  for (const cause of causesOf(error)) lines.push(`${color.dim('because:')} ${cause}`);
  const { stderr } = error.details;
  if (typeof stderr === 'string' && stderr.trim() !== '') lines.push(...stderrLines(stderr).map((line) => color.dim(`  | ${line}`)));
  if (error.hint !== undefined) lines.push(`${color.cyan('hint:')} ${error.hint}`);
  return `${lines.join('\n')}\n`;
}

function renderDefect(error: unknown, { program }: ErrorContext, { color }: Style): string {
  const stack = redact(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return [
    `${color.red('error:')} ${messageOf(error)}`,
    stack,
    `${color.cyan('hint:')} this is a defect of ${program}, not of your input; report the lines above to its maintainers`,
    '',
  ].join('\n');
}

function describeError(error: unknown): FieldsOf<typeof errorDocument>['error'] {
  if (!isModelOpsError(error))
    return { code: 'DEFECT', message: messageOf(error), exit: 1, stack: redact(String((error as Error)?.stack ?? '')) };
  const { code, message, hint, problems, exit, retryable } = error;
  return { code, message, ...(hint === undefined ? {} : { hint }), problems, causes: causesOf(error), exit, retryable };
}

/** Up to three messages of causes that are not part of the error's message. */
function causesOf(error: Error): string[] {
  const causes: string[] = [];
  let printed = error.message;
  for (let at = error.cause; at !== undefined && at !== null && causes.length < 3; at = at instanceof Error ? at.cause : undefined) {
    const message = messageOf(at);
    if (!printed.includes(message)) causes.push(message.trimEnd());
    printed += message;
  }
  return causes;
}

function stderrLines(stderr: string): string[] {
  return redact(stderr).trimEnd().split('\n').slice(-20);
}
