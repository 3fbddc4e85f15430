import { type BigIntStats, constants } from 'node:fs';
import { lstat, open, rename, stat, utimes } from 'node:fs/promises';
import { codeOf, isAbsent } from '@modelops/system';
import { notAnObject } from './fs-links.ts';

/**
 * An etag consists of the file's inode, modification time and size, which one `stat` reads. Two versions of a key never share one: an inode may be used
 * again and the clock of a file system has steps of up to 10 ms, so {@link replaceFile} ensures that the time increases.
 * Hard links made and removed during a write change none of them.
 */
export function etagOf({ ino, size, mtimeNs }: BigIntStats): string {
  return `${ino.toString(36)}-${mtimeNs.toString(36)}-${size.toString(36)}`;
}

/** The status of the file; undefined if there is none, and for a folder. @throws STORE_CORRUPT for a link, a FIFO or a device */
export async function statOf(path: string): Promise<BigIntStats | undefined> {
  let held: BigIntStats;
  try {
    held = await lstat(path, { bigint: true });
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
  if (held.isFile()) return held;
  if (held.isDirectory()) return undefined;
  throw notAnObject(path, held);
}

/** Node 20 aborts the process on a read of 2 GiB or more. */
const MAX_READ = 2 ** 30;
/** Does not wait for the other end of a FIFO, and does not follow a link. */
const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Error codes of opening a link or a socket. */
const NOT_OPENED = ['ELOOP', 'EMLINK', 'ENXIO', 'EOPNOTSUPP'];

/** Bytes and etag of one version, read through one descriptor, so that a concurrent rename does not mix two. @throws STORE_CORRUPT as {@link statOf} */
export async function readFileAt(
  path: string,
  range: { readonly start: number; readonly end: number } | undefined,
): Promise<{ bytes: Uint8Array; etag: string } | undefined> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, READ_ONLY);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    if (NOT_OPENED.includes(codeOf(error) ?? '')) await statOf(path);
    throw error;
  }
  try {
    const held = await file.stat({ bigint: true });
    if (held.isDirectory()) return undefined;
    if (!held.isFile()) throw notAnObject(path, held);
    const end = Math.min(Number(held.size), range?.end ?? Number.POSITIVE_INFINITY);
    const start = Math.min(range?.start ?? 0, end);
    const bytes = new Uint8Array(end - start);
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, at, Math.min(bytes.length - at, MAX_READ), start + at);
      if (bytesRead === 0) throw Object.assign(new Error(`${path} ended early`), { code: 'EIO' });
      at += bytesRead;
    }
    return { bytes, etag: etagOf(held) };
  } finally {
    await file.close();
  }
}

/** Steps for file systems whose timestamps have a resolution of 10 ms, or of 2 s, the coarsest. */
const CLOCK_STEPS_US = [10n, 20_000n, 4_000_000n];

/** Renames a new file over another, with a later modification time, and returns its etag. The caller holds the key's lock. */
export async function replaceFile(
  made: { readonly path: string; readonly stat: BigIntStats },
  to: string,
  held: BigIntStats | undefined,
): Promise<string> {
  let { stat: now } = made;
  for (const step of held === undefined ? [] : CLOCK_STEPS_US) {
    if (now.mtimeNs > held!.mtimeNs) break;
    const seconds = Number(held!.mtimeNs / 1000n + step) / 1e6;
    await utimes(made.path, seconds, seconds);
    now = await stat(made.path, { bigint: true });
  }
  await rename(made.path, to);
  return etagOf(now);
}

const CLOCK_TICK_MS = 11;

/** Waits until a new file with the same inode cannot have the modification time of this one. */
export async function waitForClock({ mtimeMs }: BigIntStats): Promise<void> {
  const left = Number(mtimeMs) + CLOCK_TICK_MS - Date.now();
  if (left > 0 && left <= CLOCK_TICK_MS * 2) await new Promise((resolve) => setTimeout(resolve, left));
}
