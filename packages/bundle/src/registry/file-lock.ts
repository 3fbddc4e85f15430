import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';

const PAUSE_MS = 10;
const PATIENCE_MS = 30_000;

/**
 * Runs `action` while no other process holds the lock file. The lock of a process of this machine that has died is taken over: of several that
 * find it dead, only the one that makes the breaker's file removes it, after it looked again. @throws REGISTRY_UNREACHABLE when it is held for 30 s
 */
export async function withFileLock<T>(file: string, action: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const aside = `${file}.${randomUUID()}`;
  // Written aside and linked, so that its owner is in it from the moment that it exists.
  await writeFile(aside, `${hostname()} ${process.pid}`);
  try {
    await acquire(aside, file);
    try {
      return await action();
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    await rm(aside, { force: true });
  }
}

async function acquire(aside: string, file: string): Promise<void> {
  for (const start = Date.now(); ; ) {
    if (await linked(aside, file)) return;
    if (await isDead(file)) await breakLock(aside, file);
    if (Date.now() - start > PATIENCE_MS)
      throw new ModelOpsError('REGISTRY_UNREACHABLE', `${file} is held by ${await ownerOf(file)}`, {
        hint: 'if that process is gone, remove the file',
      });
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (0.5 + Math.random())));
  }
}

async function breakLock(aside: string, file: string): Promise<void> {
  const breaker = `${file}.break`;
  if (!(await linked(aside, breaker))) {
    // One that died with the breaker in its hand is rarer still; its file is as good as a dead lock.
    if (await isDead(breaker)) await rm(breaker, { force: true });
    return;
  }
  try {
    if (await isDead(file)) await rm(file, { force: true });
  } finally {
    await rm(breaker, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function ownerOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

async function isDead(file: string): Promise<boolean> {
  const [host, pid] = (await ownerOf(file))?.split(' ') ?? [];
  if (host !== hostname() || pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
