import { ERRORS, ModelOpsError } from '@modelops/contracts';
import type { ProgramIo } from './io.ts';

/** Maximum time for cleaning up after Ctrl-C or SIGTERM before the process ends. */
const GRACE_MS = 2000;

/**
 * Runs work that Ctrl-C interrupts: the first Ctrl-C aborts the controller and waits up to 2 s for the work to stop; the second ends the process.
 * @throws INTERRUPTED if the work was interrupted
 */
export async function raceInterrupt<T>(
  work: () => Promise<T>,
  controller: AbortController,
  { onInterrupt, exit }: Pick<ProgramIo, 'onInterrupt' | 'exit'>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const interrupted = () => new ModelOpsError('INTERRUPTED', 'interrupted');
  const stop = onInterrupt(() => {
    if (controller.signal.aborted) return exit(ERRORS.INTERRUPTED.exit);
    controller.abort(interrupted());
    timer = setTimeout(() => exit(ERRORS.INTERRUPTED.exit), GRACE_MS);
  });
  try {
    const result = await work();
    if (controller.signal.aborted) throw interrupted();
    return result;
  } catch (error) {
    throw controller.signal.aborted ? interrupted() : error;
  } finally {
    clearTimeout(timer);
    stop();
  }
}
