import { once } from 'node:events';
import { killGroup } from '@modelops/system';
import type { ContainerMemory } from '../container-memory.ts';
import { describeEnd, type HostEnd } from '../describe-end.ts';
import { DRAIN_MS, type HostListener, type HostProcess, residentBytes, withStderr } from '../host-process.ts';
import { attachStreams } from '../host-streams.ts';
import type { TaskError } from '../task-error.ts';
import type { SlotStreams } from './slot-server.ts';

/** How a forked host ended, reported by its parent; or how the parent ended. */
export type SlotEnd = Pick<HostEnd, 'code' | 'signal'> | TaskError;

export interface ForkedSlot {
  readonly pid: number;
  readonly streams: SlotStreams;
  readonly ended: Promise<SlotEnd>;
  /** Memory that other forks of the same parent account for, bytes. */
  readonly sharedBytes: () => number;
  readonly memory: ContainerMemory;
  readonly onOutput: (text: string) => void;
}

/** A forked host as a process that exchanges frames. */
export function slotProcess(
  { pid, streams, ended, sharedBytes, memory, onOutput }: ForkedSlot,
  { onFrame, onEnd }: HostListener,
): HostProcess {
  const oomKillsBefore = memory.oomKills() ?? 0;
  let reason: TaskError | undefined;
  const { frames, stdout, stderr } = streams;
  const attached = attachStreams(
    { input: frames, output: frames, stdout, stderr },
    { onFrame, onOutput, onInvalid: (why) => void kill(why) },
  );
  const done = ended.then(async (end) => {
    if ('kind' in end) killGroup(pid);
    await drained([stdout, stderr]);
    for (const stream of Object.values(streams)) stream.destroy();
    if (reason !== undefined) return reason;
    if ('kind' in end) return end;
    const isOomKilled = (memory.oomKills() ?? 0) > oomKillsBefore;
    return describeEnd({ ...end, stderr: attached.stderrTail(), isOomKilled, containerLimit: memory.limit, heapLimit: undefined });
  });
  void done.then((error) => onEnd(withStderr(error, attached.stderrTail())));
  const kill = async (why?: TaskError) => {
    reason ??= why;
    killGroup(pid);
    await done;
  };
  return { send: attached.send, kill, residentBytes: () => Math.max(0, residentBytes(pid) - sharedBytes()) };
}

async function drained(streams: readonly SlotStreams['stdout'][]): Promise<void> {
  const signal = AbortSignal.timeout(DRAIN_MS);
  const closing = streams.map((stream) => (stream.closed ? undefined : once(stream, 'close', { signal }).catch(() => undefined)));
  await Promise.all(closing);
}
