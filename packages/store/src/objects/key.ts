import { ModelOpsError } from '@modelops/contracts';

const LONGEST_KEY = 1024;
const LONGEST_PART = 255;
/** The fs adapter's folder of unfinished writes and locks. */
export const RESERVED = '.tmp';

/**
 * One rule for all stores, so that a key valid in one is valid in all: relative, `/`-separated, at most 1,024 UTF-8 bytes and 255 per part; no
 * empty part, `.`, `..` or part that ends in a dot (Azure drops it), no control character or backslash, not under `.tmp`.
 * Only text that Unicode normalisation (NFKC) does not change, as some file systems normalise and characters similar to `/` and `.` must not
 * become these; and no U+E000–U+FFFF, so that the order of UTF-16 code units is that of UTF-8 bytes.
 * @throws VALUE_INVALID
 */
export function checkKey(key: string): void {
  const problem = problemOf(key);
  if (problem !== undefined)
    throw new ModelOpsError('VALUE_INVALID', `invalid object key ${JSON.stringify(key.slice(0, 80))}: it ${problem}`);
}

/** Whether a name may be one part of a key. */
export function isKeyPart(name: string): boolean {
  return name === RESERVED || problemOf(name) === undefined;
}

const PLAIN = /^[\u0020-\u007e]*$/;

function problemOf(key: string): string | undefined {
  if (key === '') return 'is empty';
  if (Buffer.byteLength(key) > LONGEST_KEY) return `is longer than ${LONGEST_KEY} bytes`;
  if (key.includes('\\')) return 'contains a backslash';
  if (!PLAIN.test(key)) {
    if (/\p{Cc}/u.test(key)) return 'contains a control character';
    if (/\p{Surrogate}/u.test(key)) return 'contains a lone surrogate';
    if (key.normalize('NFKC') !== key) return 'is not in Unicode normal form NFKC';
    if (/[\ue000-\uffff]/.test(key)) return 'contains a character from U+E000 to U+FFFF';
  }
  const parts = key.split('/');
  if (parts[0] === RESERVED) return `is under ${RESERVED}/, which is reserved for unfinished writes`;
  return parts.map(problemOfPart).find((problem) => problem !== undefined);
}

function problemOfPart(part: string): string | undefined {
  if (part === '' || part === '.' || part === '..') return 'has an empty part, . or ..';
  if (part.endsWith('.')) return 'has a part that ends in a dot';
  return Buffer.byteLength(part) > LONGEST_PART ? `has a part longer than ${LONGEST_PART} bytes` : undefined;
}
