import { spawn } from 'node:child_process';

/** Sees to it that no host outlives this process: one that hangs in a task would not notice that its worker was killed. */
export interface Reaper {
  /** A host that leads the process group of this number has started. */
  add(group: number): void;
  /** It is gone. */
  drop(group: number): void;
}

// Reads what is alive until its input ends, which is when the worker does, however it dies; then kills what was left.
const SCRIPT = `
live=
while read -r what group; do
  case $what in
    add) live="$live $group" ;;
    drop) kept=; for one in $live; do [ "$one" = "$group" ] || kept="$kept $one"; done; live=$kept ;;
  esac
done
for one in $live; do kill -9 "-$one"; done
`;

/** A shell in a session of its own, so that what kills the worker's whole group does not kill it too; of the worker's environment it needs nothing. */
export function createReaper(): Reaper {
  const shell = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, env: {}, stdio: ['pipe', 'ignore', 'ignore'] });
  const input = shell.stdin!;
  shell.on('error', () => undefined); // no shell here: a hung host ends with its container
  input.on('error', () => undefined);
  shell.unref();
  if ('unref' in input) (input as { unref(): void }).unref();
  return { add: (group) => void input.write(`add ${group}\n`), drop: (group) => void input.write(`drop ${group}\n`) };
}
