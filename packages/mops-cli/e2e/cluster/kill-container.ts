import { readdirSync, readFileSync } from 'node:fs';
import { signalAll } from '../tiny/processes.ts';

/**
 * Kills all processes of a pod's worker at once with SIGKILL, as the kernel does with a container that is out of memory (cgroup v2). They must run
 * on this machine (the lab, kind, k3d). Returns their number.
 */
export function killContainer(podUid: string): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ({ pid: Number(pid), cgroup: read(`/proc/${pid}/cgroup`), command: read(`/proc/${pid}/cmdline`) }));
  // The pod's id has dashes or underscores, depending on the cgroup driver.
  const ids = [podUid, podUid.replaceAll('-', '_')];
  const worker = processes.find(({ cgroup, command }) => ids.some((id) => cgroup.includes(id)) && command.includes('mops-worker.js'));
  const all = processes.filter(({ cgroup }) => cgroup === worker?.cgroup);
  // With the container's first process end all others.
  signalAll(
    all.map(({ pid }) => pid),
    'SIGKILL',
  );
  return all.length;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it has just ended
  }
}
