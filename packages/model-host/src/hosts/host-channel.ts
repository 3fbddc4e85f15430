import { protocolError } from './answers.ts';
import { describeTimeout, type RequestKind } from './describe-end.ts';
import type { Frame } from './frames.ts';
import type { HostListener, HostProcess } from './host-process.ts';
import { HostLost } from './model-host.ts';

/** Time limits of each kind of request, milliseconds. */
export type Limits = Readonly<Record<RequestKind, number>>;

/** Requests to a host process, answered in order. */
export interface HostChannel<P extends HostProcess = HostProcess> {
  /** @throws HostLost if the process ends first or exceeds its limit; FrameTooLarge */
  request(kind: RequestKind, frame: Frame): Promise<Frame>;
  readonly process: P;
}

interface Waiting {
  readonly kind: RequestKind;
  /** Tasks of a batch. */
  readonly tasks: number;
  /** The task of the last tick. */
  task: number;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: HostLost) => void;
}

/** Each tick must name a later task, so that a task cannot extend its time limit. */
function isNewTask({ tasks, task }: Waiting, named: unknown): named is number {
  return Number.isInteger(named) && (named as number) > task && (named as number) < tasks;
}

/** The longest delay of a timer: 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Opens a channel to the process that `start` starts. The time limit of a request begins when it becomes the first in the queue, and again at each `tick`.
 * Frames that `isNotice` accepts are not answers.
 */
export function openChannel<P extends HostProcess>(
  start: (listener: HostListener) => P,
  limits: Limits,
  isNotice: (frame: Frame) => boolean = () => false,
): HostChannel<P> {
  const waiting: Waiting[] = [];
  let lost: HostLost | undefined;
  let timer: NodeJS.Timeout | undefined;

  const arm = () => {
    clearTimeout(timer);
    const first = waiting[0];
    if (first === undefined) return;
    const limit = Math.min(limits[first.kind], LONGEST_TIMER_MS);
    timer = setTimeout(() => void process.kill(describeTimeout(first.kind, limit)), limit);
  };
  const process = start({
    onFrame(frame) {
      if (isNotice(frame)) return;
      const first = waiting[0];
      if (first === undefined) return void process.kill(protocolError(new Error('an answer without a request')));
      if (frame.header.type !== 'tick') waiting.shift()!.resolve(frame);
      else if (!isNewTask(first, frame.header.task)) return void process.kill(protocolError(new Error('a tick without a new task')));
      else first.task = frame.header.task;
      arm();
    },
    onEnd(reason) {
      lost ??= new HostLost(reason);
      clearTimeout(timer);
      // The host was processing the first request; the others had not begun.
      for (const [place, { reject }] of waiting.splice(0).entries())
        reject(place === 0 ? lost : new HostLost(lost.reason, { isBystander: true }));
    },
  });
  return {
    process,
    request: (kind, frame) =>
      new Promise((resolve, reject) => {
        if (lost !== undefined) return reject(lost);
        const tasks = Array.isArray(frame.header.set) ? frame.header.set.length : 0;
        process.send(frame);
        waiting.push({ kind, tasks, task: 0, resolve, reject });
        if (waiting.length === 1) arm();
      }),
  };
}
