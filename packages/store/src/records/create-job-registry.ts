import {
  type Attempt,
  applyEvent,
  boundState,
  isTerminal,
  type JobId,
  type JobState,
  jobStateSchema,
  keys,
  ModelOpsError,
  parseValue,
} from '@modelops/contracts';
import { mapConcurrently } from '@modelops/system';
import type { ObjectStore } from '../objects/object-store.ts';
import { keysUnder } from '../objects/read-objects.ts';
import type { JobRegistry, Submission } from './job-registry.ts';
import { createJobSpecs, UNREADABLE } from './job-specs.ts';
import { createJobListing } from './list-jobs.ts';
import { createStatusNotes } from './status-notes.ts';
import { createVersionedStore } from './versioned-store.ts';

const LONGEST_MESSAGE = 1000;
/** Maximum number of objects deleted at once. */
const CONCURRENCY = 16;

export interface RegistryOptions {
  readonly now: () => Date;
  /** Called once for each record in a deprecated form. */
  readonly onOldForm?: (warning: string) => void;
}

/** The jobs in an object store. */
export function createJobRegistry(objects: ObjectStore, { now, onOldForm = () => undefined }: RegistryOptions): JobRegistry {
  const records = createVersionedStore<JobState>(objects, {
    parse: (value, key) => parseValue(value, jobStateSchema, { source: key, code: 'STORE_CORRUPT', hint: UNREADABLE }),
    hint: UNREADABLE,
  });
  const statusNotes = createStatusNotes(objects);
  const specs = createJobSpecs(objects, onOldForm);
  const at = () => now().toISOString();

  const found = async <T>(id: JobId, read: Promise<T | undefined>): Promise<T> => {
    const value = await read;
    if (value === undefined) throw new ModelOpsError('JOB_NOT_FOUND', `job ${id} not found`, { hint: 'mops jobs list' });
    return value;
  };
  const state = async (id: JobId) => (await found(id, records.read(keys.state(id)))).value;
  const change = (id: JobId, apply: (held: JobState) => JobState) =>
    found(
      id,
      records.update(keys.state(id), (held) => boundState({ ...apply(held), updated_at: at() })),
    );
  const changeAttempt = (id: JobId, n: number, apply: (attempt: Attempt) => Attempt) =>
    change(id, (held) => ({ ...held, attempts: held.attempts.map((attempt) => (attempt.n === n ? apply(attempt) : attempt)) }));

  return {
    ...createJobListing(objects, records, statusNotes),
    state,
    async register(spec, totals) {
      await specs.create(spec);
      const created = jobStateSchema.parse({
        job_id: spec.job_id,
        status: 'pending',
        name: spec.name,
        labels: spec.labels,
        created_at: spec.created_at,
        updated_at: at(),
        ...totals,
      });
      return (await records.create(keys.state(spec.job_id), created)) ? created : state(spec.job_id);
    },
    async spec(id, { attempt } = {}) {
      const held = (await records.read(keys.state(id)))?.value;
      const bound = attempt === undefined ? held?.spec : held?.attempts.find(({ n }) => n === attempt)?.spec;
      return found(
        id,
        specs.read(id, bound, () => held?.created_at ?? at()),
      );
    },
    keepSpec: specs.keep,
    async transition(id, event, { submission, ...context } = {}) {
      const time = at();
      const apply = (held: JobState) =>
        boundState(applyEvent(submission === undefined ? held : requireSubmission(held, submission), event, { ...context, at: time }));
      const moved = await found(id, records.update(keys.state(id), apply, statusNotes.announce));
      await statusNotes.settle(moved);
      return moved;
    },
    renewSubmission: async (id, submission) => void (await change(id, (held) => requireSubmission(held, submission))),
    beginAttempt: (id, attempt, submission) =>
      change(id, (held) => {
        const { spec, attempts } = requireSubmission(held, submission);
        const begun: Attempt = { ...attempt, k8s_name: null, ended_at: null, ...(spec === undefined ? {} : { spec }) };
        return { ...held, attempts: [...attempts.filter(({ n }) => n !== attempt.n), begun] };
      }),
    nameAttempt: (id, n, k8s_name) => changeAttempt(id, n, (attempt) => ({ ...attempt, k8s_name })),
    endAttempt: (id, n) => changeAttempt(id, n, (attempt) => ({ ...attempt, ended_at: attempt.ended_at ?? at() })),
    takeOver: (id, { submitter, owner, engine }) =>
      change(id, (held) => {
        if (isTerminal(held.status))
          throw new ModelOpsError('ILLEGAL_TRANSITION', `${id} is ${held.status}: there is no work to take over`);
        const last = held.attempts.at(-1);
        const attempts = held.attempts.map((attempt) => (attempt.n === last?.n ? { ...attempt, owner, engine } : attempt));
        return 'submitter' in held ? { ...held, attempts, submitter } : { ...held, attempts };
      }),
    failValidation: (id, message) => change(id, (held) => ({ ...held, last_validation_error: message.slice(0, LONGEST_MESSAGE) })),
    async remove(id) {
      await change(id, (held) => {
        if (isEnded(held)) return { ...held, deleted_at: held.deleted_at ?? at() };
        throw new ModelOpsError('ILLEGAL_TRANSITION', `${id} is ${held.status}: only a job that has ended can be deleted`, {
          hint: `mops jobs cancel ${id}`,
        });
      });
      for (const prefix of [keys.results(id), keys.job(id)]) {
        const doomed = (await keysUnder(objects, prefix)).filter((key) => key !== keys.state(id));
        await mapConcurrently(doomed, CONCURRENCY, (key) => objects.delete(key));
      }
      await statusNotes.forget(id);
      await objects.delete(keys.state(id));
    },
  };
}

function isEnded(state: JobState): state is Extract<JobState, { readonly deleted_at: string | null }> {
  return isTerminal(state.status);
}

/** The record, while the submission that made this move is the last to have changed its status. @throws CONFLICT */
function requireSubmission(held: JobState, { moves }: Submission): JobState {
  if ((held.status === 'pending' || held.status === 'submitting') && held.moves === moves) return held;
  throw new ModelOpsError('CONFLICT', `${held.job_id} is ${held.status}: this submission was ended by another command`, {
    hint: `mops jobs status ${held.job_id}`,
  });
}
