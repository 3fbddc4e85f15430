import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryGuard } from './memory-guard.ts';
import type { ModelHost } from './model-host.ts';
import type { TaskError } from './task-error.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function fakeHost(bytes: number) {
  const host = { bytes, killed: undefined as TaskError | undefined };
  const kill = async (reason: TaskError) => {
    host.killed = reason;
  };
  return { host, port: { residentBytes: () => host.bytes, kill } as unknown as ModelHost };
}
const MIB = 2 ** 20;

describe('the memory guard', () => {
  it('stops the host that has grown most, not the largest', () => {
    const guard = createMemoryGuard({ container: 1000 * MIB, ownBytes: () => 100 * MIB });
    const [large, growing] = [fakeHost(500 * MIB), fakeHost(50 * MIB)];
    for (const { port } of [large, growing]) guard.watch(port);
    growing.host.bytes = 299 * MIB;
    vi.advanceTimersByTime(100);
    expect([large.host.killed, growing.host.killed]).toEqual([undefined, undefined]);
    growing.host.bytes = 301 * MIB;
    vi.advanceTimersByTime(100);
    expect(large.host.killed).toBeUndefined();
    expect(growing.host.killed).toMatchObject({ kind: 'out_of_memory', message: expect.stringContaining('limit 1000 MiB') });
    guard.stop();
  });

  it('attributes the growth of the worker to no task', () => {
    let own = 100 * MIB;
    const guard = createMemoryGuard({ container: 1000 * MIB, ownBytes: () => own });
    const { host, port } = fakeHost(100 * MIB);
    guard.watch(port);
    [own, host.bytes] = [800 * MIB, 150 * MIB];
    vi.advanceTimersByTime(100);
    expect(host.killed).toBeUndefined();
    guard.stop();
  });
});
