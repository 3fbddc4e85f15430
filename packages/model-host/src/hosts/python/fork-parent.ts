import { randomUUID } from 'node:crypto';
import { killMarked } from '@modelops/system';
import * as z from 'zod';
import { type ChildHostOptions, hostOn, limitsOf, loadInto } from '../child-host.ts';
import { readContainerMemory } from '../container-memory.ts';
import { type HostChannel, openChannel } from '../host-channel.ts';
import { type ChildHostProcess, residentBytes, spawnHost } from '../host-process.ts';
import type { LoadMessage } from '../messages.ts';
import { HostLost, type ModelHost } from '../model-host.ts';
import type { Reaper } from '../reaper.ts';
import { taskErrorSchema } from '../task-error.ts';
import { type ForkedSlot, type SlotEnd, slotProcess } from './slot-process.ts';
import { openSlotServer, type SlotServer } from './slot-server.ts';

/** A process that has imported a model and forks hosts of it. It ends with this process and does not keep it alive. */
export interface ForkParent {
  /** False if the process reports that a fork could hang. */
  readonly canFork: boolean;
  /** @throws HostLost if the parent or the new host dies first */
  fork(): Promise<ModelHost>;
  kill(): Promise<void>;
}

/** A process number is positive: signals to 0 and −1 reach whole groups. */
const forkedSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('forked'), pid: z.int().min(2) }),
  z.object({ type: z.literal('fork_failed'), error: taskErrorSchema }),
]);

/** Starts a process and loads the model in it; `onEnd` is called when it ends. @throws LoadFailed, HostLost */
export async function openForkParent(options: ChildHostOptions, load: LoadMessage, reaper: Reaper, onEnd: () => void): Promise<ForkParent> {
  const slots = new Set<number>();
  const endings = new Map<string, (end: SlotEnd) => void>();
  const { memory = readContainerMemory() } = options;
  let server: SlotServer | undefined;
  const channel: HostChannel<ChildHostProcess> = openChannel(
    (listener) =>
      spawnHost(options, reaper, {
        ...listener,
        onEnd(reason) {
          server?.close();
          for (const end of endings.values()) end(reason);
          listener.onEnd(reason);
          onEnd();
        },
      }),
    limitsOf(options),
    ({ header }) => {
      if (header.type !== 'ended') return false;
      endings.get(header.slot as string)?.({ code: header.code as number | null, signal: header.signal as NodeJS.Signals | null });
      return true;
    },
  );
  const { fork: canFork } = await loadInto(channel, load);
  // A process that cannot fork will be killed, and must keep this process alive until it has ended.
  if (canFork === true) channel.process.keepAlive(false);

  const fork = async (): Promise<ModelHost> => {
    server ??= await openSlotServer();
    const slot = randomUUID();
    // The end of a slot is reported by its parent, so this process waits for the parent while there are slots.
    channel.process.keepAlive(true);
    const ended = new Promise<SlotEnd>((resolve) => endings.set(slot, resolve)).finally(() => {
      endings.delete(slot);
      channel.process.keepAlive(endings.size > 0);
    });
    const connecting = server.expect(slot);
    const sharedWith = residentBytes(channel.process.pid);
    const { header } = await channel.request('load', { header: { type: 'fork', slot, socket: server.socket }, buffers: [] });
    const answer = forkedSchema.parse(header);
    if (answer.type === 'fork_failed') {
      endings.get(slot)?.(answer.error);
      server.forget(slot);
      throw new HostLost(answer.error);
    }
    const { pid } = answer;
    slots.add(pid);
    reaper.add(pid, channel.process.mark);
    void ended.then(() => {
      slots.delete(pid);
      // Processes with the parent's mark that descend neither from the parent nor from another slot were left behind.
      killMarked(channel.process.mark, new Set([channel.process.pid!, ...slots]));
      reaper.drop(pid);
      server?.forget(slot);
    });
    const streams = await Promise.race([connecting, ended.then((end) => lostWhileStarting(end))]);
    const forked: ForkedSlot = {
      pid,
      streams,
      ended,
      memory,
      onOutput: options.onOutput,
      sharedBytes: () => sharedWith * (1 - 1 / endings.size),
    };
    return hostOn(
      openChannel((listener) => slotProcess(forked, listener), limitsOf(options)),
      load,
    );
  };
  return { canFork: canFork === true, fork, kill: channel.process.kill };
}

function lostWhileStarting(end: SlotEnd): never {
  const how = 'kind' in end ? end.message : (end.signal ?? `exit status ${end.code}`);
  throw new HostLost({ kind: 'crash', type: 'SlotLost', message: `the forked model host ended before it could run a task: ${how}` });
}
