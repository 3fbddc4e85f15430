// Loaded into a Node process by `--import`: prints its peak resident memory (kilobytes) and CPU time (microseconds) as its last line on stderr.
// Linux starts the maximum of getrusage with that of the process that forked this one, so its own high-water mark is read where there is one.
import { readFileSync } from 'node:fs';

process.once('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  process.stderr.write(`\nused ${ownPeak() ?? maxRSS} ${userCPUTime + systemCPUTime}\n`);
});

function ownPeak() {
  try {
    return /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  } catch {
    return undefined; // not Linux
  }
}
