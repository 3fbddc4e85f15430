import type { TaskError } from '../task-error.ts';

/** Failures are kept with each result: their texts are cut, so that a message that holds a whole dataset does not fill the store. */
const MESSAGE_LENGTH = 4096;
const TRACEBACK_LENGTH = 16_384;

/** Anything that a model threw, as data. Never throws itself, whatever the thing is. */
export function asTaskError(thrown: unknown, stderr = ''): TaskError {
  const tail = stderr === '' ? {} : { stderr_tail: stderr };
  if (!(thrown instanceof Error)) return { kind: 'exception', type: typeof thrown, message: cut(textOf(thrown), MESSAGE_LENGTH), ...tail };
  const traceback = stackOf(thrown);
  return {
    kind: 'exception',
    type: thrown.constructor?.name || textOf(thrown.name),
    message: cut(textOf(thrown.message), MESSAGE_LENGTH),
    ...(traceback === '' ? {} : { traceback: cut(traceback, TRACEBACK_LENGTH) }),
    ...tail,
  };
}

/** Made when first read, from a message that may be no text. */
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
    return 'something that has no text';
  }
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (${text.length} characters)`;
}
