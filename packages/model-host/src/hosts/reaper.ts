import { spawn } from 'node:child_process';
import { MARK_VARIABLE } from '@modelops/system';

/** Kills the hosts that outlive this process: a host that hangs in a task does not notice that its worker was killed. */
export interface Reaper {
  /** A host has started: the number of its process group, the mark in its environment, and a folder to remove after it. */
  add(group: number, mark: string, folder?: string): void;
  /** It has ended. */
  drop(group: number): void;
}

// Its input ends when the worker does, however it dies. It then kills the groups that are left, and what left them, by the marks of their hosts;
// several searches, since a process may start another before it dies.
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

/** A shell in a session of its own, so that it survives when the worker's whole group is killed, with nothing of the worker's environment but the path. */
export function createReaper(): Reaper {
  const shell = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, env: { PATH: '/usr/bin:/bin' }, stdio: ['pipe', 'ignore', 'ignore'] });
  const input = shell.stdin!;
  shell.on('error', () => undefined); // no shell here: a hung host ends with its container
  input.on('error', () => undefined);
  shell.unref();
  if ('unref' in input) (input as { unref(): void }).unref();
  return {
    add: (group, mark, folder = '') => void input.write(`add ${group}:${mark} ${folder}\n`),
    drop: (group) => void input.write(`drop ${group}\n`),
  };
}
