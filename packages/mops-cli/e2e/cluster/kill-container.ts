import { readdirSync, readFileSync } from 'node:fs';

/**
 * Kills every process of a pod's worker at once and without a warning, as the kernel does with a container that is out of memory (cgroup v2). Its
 * processes must be those of this machine (the lab, kind, k3d). Returns how many there were.
 */
export function killContainer(podUid: string): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ({ pid: Number(pid), cgroup: read(`/proc/${pid}/cgroup`), command: read(`/proc/${pid}/cmdline`) }));
  // A driver of cgroups writes the pod's id with dashes or underscores.
  const ids = [podUid, podUid.replaceAll('-', '_')];
  const worker = processes.find(({ cgroup, command }) => ids.some((id) => cgroup.includes(id)) && command.includes('mops-worker.js'));
  const all = processes.filter(({ cgroup }) => cgroup === worker?.cgroup);
  for (const { pid } of all) process.kill(pid, 'SIGKILL');
  return all.length;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it has just ended
  }
}
