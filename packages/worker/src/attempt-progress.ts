import { type AttemptPlan, isModelOpsError, isTerminal, keys } from '@modelops/contracts';
import { chunkNumbers } from './chunk/claims.ts';
import type { Job, Stores } from './job-context.ts';

/** False if the job has ended or a later attempt has begun. */
export async function isCurrent(job: Job, plan: AttemptPlan, { registry }: Stores): Promise<boolean> {
  const { status, attempts } = await registry.state(job.id);
  return !isTerminal(status) && (attempts.at(-1)?.n ?? plan.n) === plan.n;
}

/** Milliseconds between two checks of the job record while chunks are claimed. */
const CHECK_EVERY_MS = 1000;

/** Ends the claims once the job has ended or a later attempt has begun: a cancellation on another machine reaches workers only through the record. */
export function whileCurrent<T>(
  claims: AsyncIterator<T, void, void>,
  isStillCurrent: () => Promise<boolean>,
  now: () => number,
): AsyncIterator<T, void, void> {
  let checkedAt = now();
  let isOver = false;
  return {
    async next() {
      if (!isOver && Math.abs(now() - checkedAt) >= CHECK_EVERY_MS) {
        checkedAt = now();
        isOver = !(await isStillCurrent());
      }
      return isOver ? { done: true, value: undefined } : claims.next();
    },
  };
}

/** Moves the job to `running`, unless it is already. */
export async function markRunning(job: Job, { registry }: Stores): Promise<void> {
  const { status } = await registry.state(job.id);
  if (status !== 'scheduled' && status !== 'submitting') return;
  try {
    if (status === 'submitting') await registry.transition(job.id, { to: 'scheduled' });
    await registry.transition(job.id, { to: 'running' });
  } catch (error) {
    if (!isModelOpsError(error, 'ILLEGAL_TRANSITION')) throw error; // another worker was first, or the job was cancelled
  }
}

/** True once every chunk of the plan is done. */
export async function isPlanDone({ id }: Job, plan: AttemptPlan, { objects }: Stores): Promise<boolean> {
  return (await chunkNumbers(objects, keys.dones(id, plan.n))).size >= plan.chunks.length;
}
