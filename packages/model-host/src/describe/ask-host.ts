import type { Frame } from '../hosts/frames.ts';
import { openChannel } from '../hosts/host-channel.ts';
import { type HostProcessOptions, spawnHost } from '../hosts/host-process.ts';
import { HostLost } from '../hosts/model-host.ts';
import { createReaper } from '../hosts/reaper.ts';
import type { TaskError } from '../hosts/task-error.ts';

/** What a host answered, or why it ended first; and the end of its stderr. */
export interface HostReply {
  readonly answer: Frame['header'] | undefined;
  readonly lost: TaskError | undefined;
  readonly stderr: string;
}

/** Sends one request to a separate host, and ends the host after its answer, or after `timeoutMs`. */
export async function askHost(
  options: Pick<HostProcessOptions, 'command' | 'args' | 'cwd' | 'env'>,
  header: Frame['header'],
  timeoutMs: number,
): Promise<HostReply> {
  const reaper = createReaper();
  let stderr = '';
  const { request, process } = openChannel(
    (listener) =>
      spawnHost({ ...options, onOutput: () => undefined }, reaper, {
        ...listener,
        onEnd(reason) {
          stderr = reason.stderr_tail ?? '';
          listener.onEnd(reason);
        },
      }),
    { load: timeoutMs, run: timeoutMs, evaluate: timeoutMs },
  );
  try {
    const { header: answer } = await request('load', { header, buffers: [] });
    await process.kill();
    return { answer, lost: undefined, stderr };
  } catch (error) {
    if (!(error instanceof HostLost)) throw error;
    return { answer: undefined, lost: error.reason, stderr };
  } finally {
    await process.kill();
  }
}
