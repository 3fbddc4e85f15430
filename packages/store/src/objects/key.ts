import { ModelOpsError } from '@modelops/contracts';

const LONGEST = 1024;

/** @throws VALUE_INVALID for a key that is not `/`-separated, relative, of at most 1,024 UTF-8 bytes, without `.`, `..`, empty parts, NUL or back-slashes. */
export function checkKey(key: string): void {
  const problem = problemOf(key);
  if (problem !== undefined)
    throw new ModelOpsError('VALUE_INVALID', `${JSON.stringify(key.slice(0, 80))} is no object key: it ${problem}`);
}

function problemOf(key: string): string | undefined {
  if (key === '') return 'is empty';
  if (Buffer.byteLength(key) > LONGEST) return `is longer than ${LONGEST} bytes`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f\\]/.test(key)) return 'holds a control character or a back-slash';
  if (/\p{Surrogate}/u.test(key)) return 'holds a lone surrogate';
  if (key.split('/').some((part) => part === '' || part === '.' || part === '..')) return 'has an empty part, . or ..';
  return undefined;
}
