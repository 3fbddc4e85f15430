import { createHash } from 'node:crypto';
import { link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inFolder } from './fs-aside.ts';
import { codeOf } from './fs-errors.ts';
import { formatMark, hasEnded, ownMark, parseMark } from './fs-process.ts';

const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 10;
/** A lock is held for three system calls; an owner that cannot be asked and has not touched it for so long is gone. */
const FOREIGN_ENDED_AFTER_MS = 60_000;

let instances = 0;

export type FsLocks = <T>(name: string, action: () => Promise<T>) => Promise<T>;

/**
 * Locks between the processes that share the folder `aside`, exact under kill -9 at any point.
 *
 * The lock `name` is the first of `lock.<name>.0`, `.1`, … whose owner has not ended. It is taken by a hard link to a file that names its
 * owner, which is there whole or not at all, and only its owner removes it. What an owner that ended leaves is never removed: to be
 * dead is for ever, so all agree which number is the next, and no slow process removes a lock that another took meanwhile. That costs
 * one directory entry for each process killed between three system calls.
 */
export function createFsLocks(aside: string): FsLocks {
  const owner = join(aside, `owner.${formatMark(ownMark())}.${instances++}`);
  const queues = new Map<string, Promise<unknown>>();

  const announce = () => inFolder(aside, () => writeFile(owner, formatMark(ownMark())));
  const take = async (name: string): Promise<string> => {
    let wait = FIRST_WAIT_MS;
    for (let n = 0; ; ) {
      const lock = join(aside, `lock.${name}.${n}`);
      try {
        await link(owner, lock);
        return lock;
      } catch (error) {
        if (codeOf(error) === 'ENOENT') await announce();
        else if (codeOf(error) !== 'EEXIST') throw error;
        else if (await isLeftBehind(lock)) n++;
        else {
          await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())));
          wait = Math.min(LONGEST_WAIT_MS, wait * 1.5);
        }
      }
    }
  };
  const hold = async <T>(name: string, action: () => Promise<T>): Promise<T> => {
    const lock = await take(name);
    try {
      return await action();
    } finally {
      await rm(lock);
    }
  };

  return (text, action) => {
    const name = createHash('sha256').update(text).digest('hex').slice(0, 40);
    const turn = (queues.get(name) ?? Promise.resolve()).then(() => hold(name, action));
    const quiet = turn.then(
      () => undefined,
      () => undefined, // the caller has the error; the next in the queue does not care
    );
    queues.set(name, quiet);
    void quiet.then(() => queues.get(name) === quiet && queues.delete(name));
    return turn;
  };
}

/** True when the owner has ended: a state that no lock leaves again. */
async function isLeftBehind(lock: string): Promise<boolean> {
  try {
    const mark = parseMark(await readFile(lock, 'utf8'));
    const ended = mark === undefined ? 'unknown' : hasEnded(mark);
    if (ended !== 'unknown') return ended;
    // Taking and giving back a lock changes the link count of its owner's file, and so its change time.
    return Date.now() - (await stat(lock)).ctimeMs > FOREIGN_ENDED_AFTER_MS;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
