import { readFileSync } from 'node:fs';
import type { ModelHost } from './model-host.ts';

const LIMIT_FILES = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'];
/** Share of the container's limit at which the largest host is stopped, before the kernel stops the whole container. */
const STOP_AT = 0.9;
const LOOK_EVERY_MS = 50;

/** The container's memory limit in bytes, or undefined where there is none. */
export function containerMemoryLimit(read: (file: string) => string = (file) => readFileSync(file, 'utf8')): number | undefined {
  for (const file of LIMIT_FILES) {
    try {
      const limit = Number(read(file).trim());
      if (Number.isFinite(limit) && limit < 2 ** 50) return limit;
    } catch {} // the other cgroup version, or none
  }
  return undefined;
}

export interface MemoryGuard {
  watch(host: ModelHost): void;
  forget(host: ModelHost): void;
  stop(): void;
}

/** Stops the largest host when worker and hosts together near the container's limit, and says why: out of memory, with the limit. */
export function createMemoryGuard(limit: number | undefined = containerMemoryLimit()): MemoryGuard {
  const hosts = new Set<ModelHost>();
  const look = () => {
    if (limit === undefined) return;
    const sizes = [...hosts].map((host) => ({ host, bytes: host.residentBytes() }));
    const used = sizes.reduce((sum, { bytes }) => sum + bytes, process.memoryUsage.rss());
    if (used < limit * STOP_AT) return;
    const largest = sizes.sort((a, b) => b.bytes - a.bytes)[0];
    if (largest === undefined) return;
    hosts.delete(largest.host);
    const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
    void largest.host.kill({
      kind: 'out_of_memory',
      type: 'OutOfMemory',
      message: `out of memory, limit ${mib(limit)}: the model host had ${mib(largest.bytes)} when it was stopped`,
    });
  };
  const timer = limit === undefined ? undefined : setInterval(look, LOOK_EVERY_MS);
  timer?.unref();
  return { watch: (host) => void hosts.add(host), forget: (host) => void hosts.delete(host), stop: () => clearInterval(timer) };
}
