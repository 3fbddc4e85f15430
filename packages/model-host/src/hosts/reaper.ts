import { spawn } from 'node:child_process';
import { MARK_VARIABLE } from '@modelops/system';

/** Kills hosts that outlive this process: a host that hangs in a task does not notice the death of its worker. */
export interface Reaper {
  /** Registers a host: its process group, the mark in its environment, and a folder to remove after it. */
  add(group: number, mark: string, folder?: string): void;
  /** Unregisters a host that has ended. */
  drop(group: number): void;
}

// Its input ends with the worker, however that dies. It then kills the remaining groups, and by the marks of their hosts the processes that left them;
// it searches several times, since a process may start another before it dies.
const SCRIPT = `
live=
while read -r what group folder; do
  case $what in
    add) live="$live $group"; eval "folder_\${group%%:*}=\\$folder" ;;
    drop) kept=; for one in $live; do [ "\${one%%:*}" = "$group" ] || kept="$kept $one"; done; live=$kept ;;
  esac
done
for one in $live; do kill -9 "-\${one%%:*}"; done
for search in 1 2 3; do
  for one in $live; do
    for file in $(grep -ls "${MARK_VARIABLE}=\${one#*:}" /proc/[0-9]*/environ); do file=\${file#/proc/}; kill -9 "\${file%/environ}"; done
  done
done
for one in $live; do eval "folder=\\$folder_\${one%%:*}"; [ -z "$folder" ] || rm -rf -- "$folder"; done
`;

/** Starts a shell in a separate session, so that it survives a kill of the worker's process group. It inherits no environment variables. */
export function createReaper(): Reaper {
  const shell = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, env: { PATH: '/usr/bin:/bin' }, stdio: ['pipe', 'ignore', 'ignore'] });
  const input = shell.stdin!;
  shell.on('error', () => undefined); // no shell: a hung host ends with its container
  input.on('error', () => undefined);
  shell.unref();
  if ('unref' in input) (input as { unref(): void }).unref();
  return {
    add: (group, mark, folder = '') => void input.write(`add ${group}:${mark} ${folder}\n`),
    drop: (group) => void input.write(`drop ${group}\n`),
  };
}
