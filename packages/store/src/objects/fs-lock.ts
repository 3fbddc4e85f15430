import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { codeOf } from './fs-errors.ts';

const WAIT_MS = 2;
const LONGEST_WAIT_MS = 25;

/** A process by its number and start, so that a number used again is not taken for a dead owner. */
async function identify(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return isRunning(pid) ? `${pid}` : undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

let own: Promise<string> | undefined;

/**
 * Runs `action` while no other process of this machine holds the lock file. A lock whose owner died is taken over: its owner's identity is
 * in it from the moment it exists (written aside, then linked), and of several that find it dead, one wins by renaming it away first.
 */
export async function withLock<T>(file: string, aside: string, action: () => Promise<T>): Promise<T> {
  own ??= identify(process.pid).then((identity) => identity ?? `${process.pid}`);
  await writeFile(aside, await own);
  try {
    for (let wait = WAIT_MS; ; wait = Math.min(LONGEST_WAIT_MS, wait * 1.5)) {
      try {
        await link(aside, file);
        break;
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
        await breakDeadLock(file, `${aside}.dead`);
        await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())));
      }
    }
    try {
      return await action();
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    await rm(aside, { force: true });
  }
}

async function breakDeadLock(file: string, grave: string): Promise<void> {
  const owner = await readFile(file, 'utf8').catch(() => undefined);
  if (owner === undefined || (await identify(Number(owner.split(' ')[0]))) === owner) return;
  // Another may have broken it and a third taken it since it was read: whoever breaks holds a lock of its own, and looks again.
  try {
    await link(await asideOf(file, grave), `${file}.break`);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    await clearStaleBreaker(`${file}.break`);
    return;
  } finally {
    await rm(grave, { force: true });
  }
  try {
    if ((await readFile(file, 'utf8').catch(() => undefined)) === owner) await rm(file, { force: true });
  } finally {
    await rm(`${file}.break`, { force: true });
  }
}

async function asideOf(_file: string, grave: string): Promise<string> {
  await writeFile(grave, (await own) ?? '');
  return grave;
}

async function clearStaleBreaker(file: string): Promise<void> {
  const owner = await readFile(file, 'utf8').catch(() => undefined);
  if (owner !== undefined && (await identify(Number(owner.split(' ')[0]))) !== owner) await rm(file, { force: true });
}
