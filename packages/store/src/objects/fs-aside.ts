import type { BigIntStats } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './fs-errors.ts';
import { formatMark, hasEnded, ownMark, parseMark } from './fs-process.ts';

/** Names of unfinished files begin so; then comes the mark of the process that writes them. */
const KINDS = /^(?:write|owner)\.(.+)\.\d+$/;
const FOREIGN_STALE_AFTER_MS = 24 * 3600_000;

export interface WrittenAside {
  readonly path: string;
  readonly stat: BigIntStats;
}

let written = 0;

/** Writes a file in the folder `aside`, to the disk; gives its path and numbers. Nothing is left of it when that fails. */
export async function writeAside(aside: string, bytes: Uint8Array): Promise<WrittenAside> {
  const path = join(aside, `write.${formatMark(ownMark())}.${written++}`);
  try {
    const file = await inFolder(aside, () => open(path, 'wx'));
    try {
      await file.writeFile(bytes);
      await file.datasync();
      return { path, stat: await file.stat({ bigint: true }) };
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** Removes what processes that ended left in the folder `aside`; what another machine or container wrote, after a day. */
export async function clearAside(aside: string): Promise<void> {
  for (const name of await readdir(aside)) {
    const mark = parseMark(KINDS.exec(name)?.[1] ?? '');
    if (mark === undefined) continue;
    const ended = hasEnded(mark);
    if (ended === true || (ended === 'unknown' && (await ageOf(join(aside, name))) > FOREIGN_STALE_AFTER_MS))
      await rm(join(aside, name), { force: true });
  }
}

async function ageOf(path: string): Promise<number> {
  const held = await stat(path).catch(() => undefined); // another process cleared it
  return held === undefined ? 0 : Date.now() - held.mtimeMs;
}

const FOLDER_TRIES = 10;

/** Runs an action that needs the folder, making it when the action says that it is not there; again when a delete took it meanwhile. */
export async function inFolder<T>(folder: string, action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || attempt === FOLDER_TRIES) throw error;
      await mkdir(folder, { recursive: true });
    }
  }
}
