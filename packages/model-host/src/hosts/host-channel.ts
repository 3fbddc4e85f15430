import { protocolError } from './answers.ts';
import { type Asked, describeTimeout } from './describe-end.ts';
import type { Frame } from './frames.ts';
import type { HostListener, HostProcess } from './host-process.ts';
import { HostLost } from './model-host.ts';

/** How long a host may take over each kind of question, in milliseconds. */
export type Limits = Readonly<Record<Asked, number>>;

/** Questions to a host process, answered in order. */
export interface HostChannel<P extends HostProcess = HostProcess> {
  /** @throws HostLost when the process ends first, or exceeds its limit; FrameTooLarge */
  ask(asked: Asked, frame: Frame): Promise<Frame>;
  readonly process: P;
}

interface Waiting {
  readonly asked: Asked;
  /** Of a batch. */
  readonly tasks: number;
  /** The task that the last tick named. */
  task: number;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: HostLost) => void;
}

/** Ticks name ever later tasks, so a batch has fewer ticks than tasks, and no task has more than its time. */
function isNewTask({ tasks, task }: Waiting, named: unknown): named is number {
  return Number.isInteger(named) && (named as number) > task && (named as number) < tasks;
}

/** The longest that a timer can wait: 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Opens a channel on a process that `start` starts. A question's time limit begins when it is the first that waits, and again at each `tick`.
 * Frames that `isNotice` accepts answer no question.
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
    const limit = Math.min(limits[first.asked], LONGEST_TIMER_MS);
    timer = setTimeout(() => void process.kill(describeTimeout(first.asked, limit)), limit);
  };
  const process = start({
    onFrame(frame) {
      if (isNotice(frame)) return;
      const first = waiting[0];
      if (first === undefined) return void process.kill(protocolError(new Error('an answer to no question')));
      if (frame.header.type !== 'tick') waiting.shift()!.resolve(frame);
      else if (!isNewTask(first, frame.header.task)) return void process.kill(protocolError(new Error('a tick of no new task')));
      else first.task = frame.header.task;
      arm();
    },
    onEnd(reason) {
      lost ??= new HostLost(reason);
      clearTimeout(timer);
      // The host was at the first question; the others had not begun.
      for (const [place, { reject }] of waiting.splice(0).entries())
        reject(place === 0 ? lost : new HostLost(lost.reason, { isBystander: true }));
    },
  });
  return {
    process,
    ask: (asked, frame) =>
      new Promise((resolve, reject) => {
        if (lost !== undefined) return reject(lost);
        const tasks = Array.isArray(frame.header.set) ? frame.header.set.length : 0;
        process.send(frame);
        waiting.push({ asked, tasks, task: 0, resolve, reject });
        if (waiting.length === 1) arm();
      }),
  };
}
