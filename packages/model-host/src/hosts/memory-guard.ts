import { mebibytes, readContainerMemory } from './container-memory.ts';
import type { ModelHost } from './model-host.ts';

/** Share of the container's limit at which a host is stopped, before the kernel stops the whole container. */
const STOP_AT = 0.9;
const CHECK_EVERY_MS = 50;

export interface MemoryGuard {
  watch(host: ModelHost): void;
  forget(host: ModelHost): void;
  stop(): void;
}

export interface MemoryLimits {
  /** Limit of this process and its hosts together, bytes. Default: that of the container. */
  readonly container?: number | undefined;
  /** Limit of one host, bytes. */
  readonly host?: number | undefined;
  /** Memory of this process, bytes. */
  readonly ownBytes?: () => number;
}

/**
 * Stops hosts that exceed their limit and, if worker and hosts together approach the container's limit, the host that has grown most since it was
 * watched; not if the worker itself has grown more, which no task has caused.
 */
export function createMemoryGuard({
  container = readContainerMemory().limit,
  host: hostLimit,
  ownBytes = process.memoryUsage.rss,
}: MemoryLimits = {}): MemoryGuard {
  /** Each host with its memory at the start of watching, when its program is loaded. */
  const hosts = new Map<ModelHost, number>();
  const ownBefore = ownBytes();
  const end = (host: ModelHost, bytes: number, limit: number) => {
    hosts.delete(host);
    const message = `out of memory, limit ${mebibytes(limit)}: the model host had ${mebibytes(bytes)} when it was stopped`;
    void host.kill({ kind: 'out_of_memory', type: 'OutOfMemory', message });
  };
  const check = () => {
    const sizes = [...hosts].map(([host, before]) => ({ host, bytes: host.residentBytes(), before }));
    if (hostLimit !== undefined) for (const { host, bytes } of sizes) if (bytes > hostLimit) end(host, bytes, hostLimit);
    const own = ownBytes();
    const used = sizes.reduce((sum, { bytes }) => sum + bytes, own);
    if (container === undefined || used < container * STOP_AT) return;
    const [grown] = sizes.filter(({ host }) => hosts.has(host)).sort((a, b) => b.bytes - b.before - (a.bytes - a.before));
    if (grown !== undefined && grown.bytes - grown.before > own - ownBefore) end(grown.host, grown.bytes, container);
  };
  const timer = container === undefined && hostLimit === undefined ? undefined : setInterval(check, CHECK_EVERY_MS);
  timer?.unref();
  return {
    watch: (host) => void hosts.set(host, host.residentBytes()),
    forget: (host) => void hosts.delete(host),
    stop: () => clearInterval(timer),
  };
}
