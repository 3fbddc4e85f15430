import { createHash } from 'node:crypto';
import { link, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './errno.ts';
import { formatProcess, hasEnded, ownProcess, parseProcess } from './process-identity.ts';
import { pause } from './retry.ts';
import { withFolder } from './temporary-file.ts';

const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 10;
/** An owner on another machine or in another container is considered ended when its file has not changed for this long. */
const FOREIGN_ENDED_AFTER_MS = 60_000;
/** How often the owner's file is touched while a lock is held. */
const TOUCH_MS = 20_000;

export interface LockOptions {
  /** How long to wait for the lock. Default: no limit. */
  readonly timeoutMs?: number;
}

/** Runs the action while no other process holds the lock of this name. @throws an error with the code ELOCKED after the timeout */
export type FileLocks = <T>(name: string, action: () => Promise<T>, options?: LockOptions) => Promise<T>;

let instances = 0;

/**
 * Locks between the processes that share a folder, correct under kill -9 at any point. (proper-lockfile uses the age of a file: a process
 * that was suspended loses its lock and does not notice.)
 *
 * The lock `name` is the first of `lock.<name>.0`, `.1`, … whose owner has not ended. A process takes it by a hard link to a file that names
 * the owner, so the lock exists with its owner or not at all, and only the owner removes it. The lock of an owner that ended is never removed:
 * having ended is final, so all processes agree which number is next, and no slow process removes a lock that another has just taken. The cost is
 * one directory entry for each process that was killed while it held a lock.
 */
export function createFileLocks(folder: string): FileLocks {
  const owner = join(folder, `owner.${formatProcess(ownProcess())}.${instances++}`);
  const queues = new Map<string, Promise<unknown>>();

  const writeOwner = () => withFolder(folder, () => writeFile(owner, formatProcess(ownProcess())));
  const take = async (name: string, timeoutMs: number): Promise<string> => {
    const startedAt = performance.now();
    let wait = FIRST_WAIT_MS;
    for (let n = 0; ; ) {
      const lock = join(folder, `lock.${name}.${n}`);
      try {
        await link(owner, lock);
        return lock;
      } catch (error) {
        if (codeOf(error) === 'ENOENT') await writeOwner();
        else if (codeOf(error) !== 'EEXIST') throw error;
        else if (await isAbandoned(lock)) n++;
        else if (performance.now() - startedAt > timeoutMs) throw await heldError(lock);
        else {
          await pause(wait * (0.5 + Math.random()));
          wait = Math.min(LONGEST_WAIT_MS, wait * 1.5);
        }
      }
    }
  };
  const hold = async <T>(name: string, action: () => Promise<T>, timeoutMs: number): Promise<T> => {
    const lock = await take(name, timeoutMs);
    const touching = setInterval(() => void touch(owner), TOUCH_MS).unref();
    try {
      return await action();
    } finally {
      clearInterval(touching);
      await rm(lock);
    }
  };

  return (text, action, { timeoutMs = Number.POSITIVE_INFINITY } = {}) => {
    const name = createHash('sha256').update(text).digest('hex').slice(0, 40);
    const turn = (queues.get(name) ?? Promise.resolve()).then(() => hold(name, action, timeoutMs));
    const settled = turn.then(
      () => undefined,
      () => undefined, // the caller gets the error; the next in the queue starts anyway
    );
    queues.set(name, settled);
    void settled.then(() => queues.get(name) === settled && queues.delete(name));
    return turn;
  };
}

/** True when the owner has ended, which is final. */
async function isAbandoned(lock: string): Promise<boolean> {
  try {
    const owner = parseProcess(await readFile(lock, 'utf8'));
    const ended = owner === undefined ? 'unknown' : hasEnded(owner);
    if (ended !== 'unknown') return ended;
    // Taking and releasing a lock changes the link count of its owner's file, and so its change time.
    return Date.now() - (await stat(lock)).ctimeMs > FOREIGN_ENDED_AFTER_MS;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function touch(owner: string): Promise<void> {
  const now = new Date();
  await utimes(owner, now, now).catch(() => undefined); // the folder was deleted: so was the lock
}

async function heldError(lock: string): Promise<Error> {
  const owner = parseProcess(await readFile(lock, 'utf8').catch(() => ''));
  const by = owner === undefined ? 'another process' : `process ${owner.pid} (${owner.place})`;
  return Object.assign(new Error(`the lock ${lock} is held by ${by}`), { code: 'ELOCKED' });
}
