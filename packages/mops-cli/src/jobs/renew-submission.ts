import { isModelOpsError, type JobId } from '@modelops/contracts';
import type { JobRegistry, Submission } from '@modelops/store';

/** A submission whose record is renewed while it runs. */
export interface Renewal {
  /** Renews now. @throws CONFLICT if another command has ended or resumed the submission */
  check(): Promise<void>;
  stop(): void;
}

/** A quarter of the time after which a submission without renewal may be ended by others. */
const RENEWAL_MS = 15_000;

/** Renews the record of a submission until it is stopped, so that a slow one is not mistaken for a dead one. */
export function renewSubmission(
  job: JobId,
  submission: Submission,
  { registry, everyMs = RENEWAL_MS }: { readonly registry: Pick<JobRegistry, 'renewSubmission'>; readonly everyMs?: number },
): Renewal {
  const renew = () => registry.renewSubmission(job, submission);
  const timer = setInterval(() => {
    renew().catch((error: unknown) => {
      // An outage of the store may pass; the next check reports a lost submission.
      if (isModelOpsError(error, 'CONFLICT')) clearInterval(timer);
    });
  }, everyMs);
  timer.unref();
  return { check: renew, stop: () => clearInterval(timer) };
}
