import { type Attempt, answering, describeOwner, isSameOwner, type JobId, type JobState, type Owner } from '@modelops/contracts';
import { hasEnded, parseProcess } from '@modelops/system';
import type { Engine, EngineProblem, EngineView } from '../engines/engine.ts';
import { currentAttempt } from './plan-repair.ts';

const NO_WORKERS = { active: 0, succeeded: 0, failed: 0 };

/** The engine's view of the current attempt; undefined if nothing was started. Writes nothing. */
export async function observeJob({ job_id, ...state }: JobState, engine: Engine): Promise<EngineView | undefined> {
  const attempt = currentAttempt(state);
  return attempt === undefined || attempt.engine === 'none' ? undefined : observeAttempt(job_id, attempt, engine);
}

/** What stopped the workers of a job's last attempt, as reported by this engine. Writes nothing. An unreachable engine is a problem too. */
export async function problemsOfLast({ job_id, attempts }: JobState, engine: Engine): Promise<readonly EngineProblem[]> {
  const last = attempts.at(-1);
  if (last === undefined || last.engine === 'none') return [];
  const unknown = answering(({ message }) => ({ problems: [{ reason: 'Unknown', message }] }));
  return (await observeAttempt(job_id, last, engine).catch(unknown)).problems;
}

async function observeAttempt(job: JobId, attempt: Attempt, engine: Engine): Promise<EngineView> {
  const elsewhere = await whereElse(attempt, engine);
  if (elsewhere === undefined) return engine.observe(job, attempt);
  return { phase: 'unknown', workers: NO_WORKERS, problems: [], runs_on: elsewhere };
}

/** Where an attempt runs that this engine cannot observe, for display; undefined if it can. */
export async function whereElse({ owner, engine: name }: Pick<Attempt, 'owner' | 'engine'>, engine: Engine): Promise<string | undefined> {
  if (name === 'none') return undefined;
  // Records of older versions have no owner.
  if (owner === null) return name === engine.name ? undefined : `another ${name} engine`;
  return isSameOwner(owner, await engine.owner()) ? undefined : describeOwner(owner);
}

/** The other machine that submits this job, for display; undefined if this machine does, or none. */
export function submittedElsewhere(state: JobState, machine: Owner): string | undefined {
  const submitter = submitterOf(state);
  return submitter === undefined || isSameOwner(submitter, machine) ? undefined : describeOwner(submitter);
}

/** Whether the process that submits this job ran on this machine and has ended. */
export function hasSubmitterEnded(state: JobState): boolean {
  const submitter = submitterOf(state);
  if (submitter?.kind !== 'machine' || submitter.process === undefined) return false;
  const process = parseProcess(submitter.process);
  return process !== undefined && hasEnded(process) === true;
}

function submitterOf(state: JobState): Owner | undefined {
  return 'submitter' in state && state.submitter != null ? (state.submitter as Owner) : undefined;
}
