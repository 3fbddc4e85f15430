import type { TaskError } from '../task-error.ts';

/** Failures are stored with each result, so long texts are truncated: a message may contain a whole dataset. */
const MESSAGE_LENGTH = 4096;
const TRACEBACK_LENGTH = 16_384;

interface Context {
  readonly stderr?: string;
  /** Appended to the message. */
  readonly hint?: string | undefined;
  /** Maps a stack trace to the sources. */
  readonly framesOf?: (trace: string) => string;
}

/** Converts any value that a model threw to data. Never throws. */
export function asTaskError(thrown: unknown, { stderr = '', hint, framesOf = (trace) => trace }: Context = {}): TaskError {
  const tail = stderr === '' ? {} : { stderr_tail: stderr };
  if (!(thrown instanceof Error)) return { kind: 'exception', type: typeof thrown, message: cut(textOf(thrown), MESSAGE_LENGTH), ...tail };
  const traceback = framesOf(stackOf(thrown));
  return {
    kind: 'exception',
    type: thrown.constructor?.name || textOf(thrown.name),
    message: `${cut(textOf(thrown.message), MESSAGE_LENGTH)}${hint === undefined ? '' : ` (${hint})`}`,
    ...(traceback === '' ? {} : { traceback: cut(traceback, TRACEBACK_LENGTH) }),
    ...tail,
  };
}

/** Formatting the stack, at the first access, throws if the message is not text. */
function stackOf(error: Error): string {
  try {
    return String(error.stack ?? '');
  } catch {
    return '';
  }
}

function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'a value that cannot be converted to text';
  }
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (${text.length} characters)`;
}
