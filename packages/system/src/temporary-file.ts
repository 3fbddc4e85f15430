import { type BigIntStats, existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { codeOf } from './errno.ts';
import { formatProcess, hasEnded, ownProcess, parseProcess } from './process-identity.ts';

/** Temporary files and the owner files of locks: the kind, the process that wrote it, a number. */
const NAME = /^(?:write|owner)\.(.+)\.\d+$/;
const FOREIGN_STALE_AFTER_MS = 24 * 3600_000;

export interface TemporaryFile {
  readonly path: string;
  readonly stat: BigIntStats;
}

let written = 0;

/** Writes a file into a folder for temporary files and syncs it to the disk. Leaves nothing behind on failure. */
export async function writeTemporaryFile(folder: string, bytes: Uint8Array): Promise<TemporaryFile> {
  const path = join(folder, `write.${formatProcess(ownProcess())}.${written++}`);
  try {
    const file = await withFolder(folder, () => open(path, 'wx'));
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

/** Removes the temporary files of processes that have ended; those of another machine or container after a day. */
export async function removeAbandonedFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const writer = parseProcess(NAME.exec(name)?.[1] ?? '');
    if (writer === undefined) continue;
    const ended = hasEnded(writer);
    if (ended === true || (ended === 'unknown' && (await ageOf(join(folder, name))) > FOREIGN_STALE_AFTER_MS))
      await rm(join(folder, name), { force: true });
  }
}

async function ageOf(path: string): Promise<number> {
  const held = await stat(path).catch(() => undefined); // another process removed it
  return held === undefined ? 0 : Date.now() - held.mtimeMs;
}

const FOLDER_TRIES = 10;

/** Runs an action that needs a folder; makes the folder if the action fails without it, and again if another process deletes it. */
export async function withFolder<T>(folder: string, action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || attempt === FOLDER_TRIES) throw error;
      await makeFolder(folder);
    }
  }
}

/**
 * Makes the folder and those above it. Node reports a read-only file system as ENOENT when it makes several folders, so the first missing one is made
 * alone, for the cause.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    let missing = folder;
    while (dirname(missing) !== missing && !existsSync(dirname(missing))) missing = dirname(missing);
    await mkdir(missing).catch((cause: unknown) => {
      if (codeOf(cause) !== 'EEXIST') throw cause;
    });
    await mkdir(folder, { recursive: true });
  }
}

/** Runs an action with a new folder, which is removed afterwards. `prefix` is the beginning of its name, with its path if it is not in the system's. */
export async function withTemporaryFolder<T>(prefix: string, action: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(resolve(tmpdir(), prefix));
  try {
    return await action(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes the file or folder if the process exits before the returned function is called: an exit runs no `finally`. */
export function removeOnExit(path: string): () => void {
  const remove = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', remove);
  return () => void process.off('exit', remove);
}
