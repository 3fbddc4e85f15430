import { mebibytes, readContainerMemory } from './container-memory.ts';
import type { ModelHost } from './model-host.ts';

/** Share of the container's limit at which the largest host is stopped, before the kernel stops the whole container. */
const STOP_AT = 0.9;
const LOOK_EVERY_MS = 50;

export interface MemoryGuard {
  watch(host: ModelHost): void;
  forget(host: ModelHost): void;
  stop(): void;
}

/** Stops the largest host when worker and hosts together near the container's limit, and says why: out of memory, with the limit. */
export function createMemoryGuard(limit: number | undefined = readContainerMemory().limit): MemoryGuard {
  const hosts = new Set<ModelHost>();
  const look = () => {
    if (limit === undefined) return;
    const sizes = [...hosts].map((host) => ({ host, bytes: host.residentBytes() }));
    const used = sizes.reduce((sum, { bytes }) => sum + bytes, process.memoryUsage.rss());
    if (used < limit * STOP_AT) return;
    const largest = sizes.sort((a, b) => b.bytes - a.bytes)[0];
    if (largest === undefined) return;
    hosts.delete(largest.host);
    void largest.host.kill({
      kind: 'out_of_memory',
      type: 'OutOfMemory',
      message: `out of memory, limit ${mebibytes(limit)}: the model host had ${mebibytes(largest.bytes)} when it was stopped`,
    });
  };
  const timer = limit === undefined ? undefined : setInterval(look, LOOK_EVERY_MS);
  timer?.unref();
  return { watch: (host) => void hosts.add(host), forget: (host) => void hosts.delete(host), stop: () => clearInterval(timer) };
}
