import { type BigIntStats, constants } from 'node:fs';
import { lstat, open, rename, stat, utimes } from 'node:fs/promises';
import { codeOf, isAbsent } from '@modelops/system';
import { notAnObject } from './fs-links.ts';

/**
 * An etag is the file's inode, time of writing and size, which cost one `stat`. Two versions of a key never share one: an inode may be used
 * again and the clock of a file system stands still for up to 10 ms, so {@link replaceFile} makes sure that the time moves on.
 * Links, which come and go around a write, change neither.
 */
export function etagOf({ ino, size, mtimeNs }: BigIntStats): string {
  return `${ino.toString(36)}-${mtimeNs.toString(36)}-${size.toString(36)}`;
}

/** The file's numbers; undefined when there is none, and for a folder. @throws STORE_CORRUPT for a link, a FIFO or a device */
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
const MOST_AT_ONCE = 2 ** 30;
/** Never waits for the other end of a FIFO, and never opens what a link names. */
const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** How the system answers an open of a link, and of a socket. */
const NOT_OPENED = ['ELOOP', 'EMLINK', 'ENXIO', 'EOPNOTSUPP'];

/** Bytes and etag of one version, through one descriptor, so that a rename in between mixes no two. @throws STORE_CORRUPT as {@link statOf} */
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
      const { bytesRead } = await file.read(bytes, at, Math.min(bytes.length - at, MOST_AT_ONCE), start + at);
      if (bytesRead === 0) throw Object.assign(new Error(`${path} ended early`), { code: 'EIO' });
      at += bytesRead;
    }
    return { bytes, etag: etagOf(held) };
  } finally {
    await file.close();
  }
}

/** Steps for clocks of file systems that count in 10 ms, or in 2 s as the coarsest do. */
const CLOCK_STEPS_US = [10n, 20_000n, 4_000_000n];

/** Renames a new file over another, later than it in its time of writing; gives its etag. The caller holds the key's lock. */
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

/** Waits until a new file cannot have the time of this one, should it also get its inode. */
export async function outlive({ mtimeMs }: BigIntStats): Promise<void> {
  const left = Number(mtimeMs) + CLOCK_TICK_MS - Date.now();
  if (left > 0 && left <= CLOCK_TICK_MS * 2) await new Promise((resolve) => setTimeout(resolve, left));
}
