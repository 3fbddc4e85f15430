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

export interface MemoryLimits {
  /** Bytes that this process and its hosts may have together; by default what the container has. */
  readonly container?: number | undefined;
  /** Bytes that one host may have. */
  readonly host?: number | undefined;
}

/**
 * Stops hosts that have more memory than they may, and the largest when worker and hosts together near the container's limit; says why: out
 * of memory, with the limit.
 */
export function createMemoryGuard({ container = readContainerMemory().limit, host: most }: MemoryLimits = {}): MemoryGuard {
  const hosts = new Set<ModelHost>();
  const end = (host: ModelHost, bytes: number, limit: number) => {
    hosts.delete(host);
    const message = `out of memory, limit ${mebibytes(limit)}: the model host had ${mebibytes(bytes)} when it was stopped`;
    void host.kill({ kind: 'out_of_memory', type: 'OutOfMemory', message });
  };
  const look = () => {
    const sizes = [...hosts].map((host) => ({ host, bytes: host.residentBytes() })).sort((a, b) => b.bytes - a.bytes);
    if (most !== undefined) for (const { host, bytes } of sizes) if (bytes > most) end(host, bytes, most);
    const used = sizes.reduce((sum, { bytes }) => sum + bytes, process.memoryUsage.rss());
    const [largest] = sizes;
    if (container !== undefined && used >= container * STOP_AT && largest !== undefined && hosts.has(largest.host))
      end(largest.host, largest.bytes, container);
  };
  const timer = container === undefined && most === undefined ? undefined : setInterval(look, LOOK_EVERY_MS);
  timer?.unref();
  return { watch: (host) => void hosts.add(host), forget: (host) => void hosts.delete(host), stop: () => clearInterval(timer) };
}
