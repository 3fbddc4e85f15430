import type { ChildProcess } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Laptop, openLaptop } from '../laptop.ts';
import { startMops } from './processes.ts';
import { type TinyOptions, writeTiny } from './project.ts';

/** A laptop on which tasks at x = 5 wait until `release`. */
export interface HeldLaptop {
  readonly laptop: Laptop;
  readonly hold: string;
  release(): void;
  /** Starts a command of `mops`, which is killed at the end of the test. */
  start(...args: readonly string[]): ChildProcess;
  /** Kills a process that the test started itself at the end of the test. */
  owns(child: ChildProcess): void;
  close(): Promise<void>;
}

export async function openHeld(options: Omit<TinyOptions, 'hold'>): Promise<HeldLaptop> {
  const laptop = openLaptop();
  const hold = join(laptop.dir, 'hold');
  writeFileSync(hold, '');
  await writeTiny(laptop, { ...options, hold });
  const started: ChildProcess[] = [];
  const release = () => rmSync(hold, { force: true });
  return {
    laptop,
    hold,
    release,
    start(...args) {
      const child = startMops(laptop, args);
      started.push(child);
      return child;
    },
    owns: (child) => void started.push(child),
    async close() {
      release();
      for (const child of started) child.kill('SIGKILL');
      await laptop.remove();
    },
  };
}
