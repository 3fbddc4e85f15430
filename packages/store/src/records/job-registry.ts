import {
  type Attempt,
  applyEvent,
  boundState,
  type Digest,
  digestOf,
  type EventContext,
  isModelOpsError,
  isOldJob,
  isTerminal,
  type JobEvent,
  type JobId,
  type JobRecord,
  type JobSpec,
  type JobState,
  type JobStatus,
  jobSpecSchema,
  jobStateSchema,
  keys,
  ModelOpsError,
  type Owner,
  parseJobId,
  parseValue,
  readJson,
  readOldSpec,
} from '@modelops/contracts';
import { mapConcurrently } from '@modelops/system';
import { getBounded, MOST_BYTES } from '../objects/get-bounded.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { jobTime } from './job-id.ts';
import { createStatusHints, isSettled, mayHaveStatus } from './status-hints.ts';
import { createVersionedStore } from './versioned-store.ts';

export interface JobFilter {
  readonly status?: readonly JobStatus[];
  readonly label?: Readonly<Record<string, string>>;
  readonly since?: Date;
  readonly until?: Date;
  /** Continues after this job, the last of the previous page. */
  readonly after?: JobId;
  readonly limit?: number;
  /** Also rewrites status notes that a crash left stale. A listing writes nothing without it. */
  readonly repairsNotes?: boolean;
  /** Called for a record that cannot be read, which may match the filter; without it the listing ends with the record's error. */
  readonly onUnreadable?: (id: JobId, error: ModelOpsError) => void;
}

/** What is known of a job before it runs, and who submits it. */
export type JobTotals = Pick<JobRecord, 'tasks_total' | 'expected_outputs'> & { readonly submitter?: Owner | null };

/** What an event brings along. With `submission` it happens only while that submission holds the job. */
export type TransitionContext = Omit<EventContext, 'at'> & { readonly submission?: Submission };

/** The transition that began a submission: no other process holds the job while it is the last one. */
export type Submission = Pick<JobState, 'moves'>;

/** Who takes a job over: the submission, and the attempt with its engine. */
export interface NewOwner {
  readonly submitter: Owner;
  readonly owner: Owner;
  readonly engine: string;
}

export type NewAttempt = Pick<Attempt, 'n' | 'engine' | 'owner' | 'namespace' | 'tasks' | 'started_at'>;

/** The jobs of an environment. An outage is an error, never an empty list. */
export interface JobRegistry {
  /** Writes the spec, then the record, `pending`. Repeated with the same spec it changes nothing. @throws CONFLICT when another job has the id */
  register(spec: JobSpec, totals: JobTotals): Promise<JobState>;
  /** The spec that the job is bound to now, or that an attempt ran. @throws JOB_NOT_FOUND */
  spec(id: JobId, options?: { readonly attempt?: number }): Promise<JobSpec>;
  /** Stores a spec to bind the job to and returns its digest. It takes effect with the transition that records the digest. */
  keepSpec(spec: JobSpec): Promise<Digest>;
  /** @throws JOB_NOT_FOUND */
  state(id: JobId): Promise<JobState>;
  /** Moves the record by one event. @throws ILLEGAL_TRANSITION, JOB_NOT_FOUND; CONFLICT when the submission does not hold the job */
  transition(id: JobId, event: JobEvent, context?: TransitionContext): Promise<JobState>;
  /** Records that the submission that made this move still lives. @throws CONFLICT when the submission was ended or taken up by another, JOB_NOT_FOUND */
  renewSubmission(id: JobId, submission: Submission): Promise<void>;
  /** Records an attempt of a submission before its workers start. @throws CONFLICT as {@link renewSubmission} does, JOB_NOT_FOUND */
  beginAttempt(id: JobId, attempt: NewAttempt, submission: Submission): Promise<JobState>;
  /** Records the engine's name for an attempt. @throws JOB_NOT_FOUND */
  nameAttempt(id: JobId, n: number, name: string): Promise<JobState>;
  /** Records that the workers of an attempt have stopped, unless that is recorded. @throws JOB_NOT_FOUND */
  endAttempt(id: JobId, n: number): Promise<JobState>;
  /** Makes another owner responsible for an unfinished submission and its last attempt. @throws ILLEGAL_TRANSITION for a job that has ended, JOB_NOT_FOUND */
  takeOver(id: JobId, by: NewOwner): Promise<JobState>;
  /** Records why a validation did not finish. @throws JOB_NOT_FOUND */
  failValidation(id: JobId, message: string): Promise<JobState>;
  /**
   * Deletes the record of a job that has ended, with its attempts, its attribution and its results index, the record itself last: a deletion that
   * was interrupted goes on when it is asked for again. Results in provenance stay. @throws ILLEGAL_TRANSITION for a job that has not ended, JOB_NOT_FOUND
   */
  remove(id: JobId): Promise<void>;
  /** The last 50 transitions, oldest first. @throws JOB_NOT_FOUND */
  history(id: JobId): Promise<JobRecord['history']>;
  /**
   * Newest first. Reads no record outside [since, until] where the id tells the time, few after the last that is taken, and of jobs that
   * ended in another status than asked for none, but where a crash came between.
   */
  list(filter?: JobFilter): AsyncIterable<JobState>;
  /** The id that begins with the prefix. @throws JOB_NOT_FOUND, CONFLICT naming the candidates */
  resolve(prefix: string): Promise<JobId>;
}

const LONGEST_MESSAGE = 1000;
const CANDIDATES_NAMED = 5;
const JOB_ID = /^job-[a-z0-9]{1,36}$/;
/** Objects read or deleted at once. */
const CONCURRENCY = 16;
const UNREADABLE =
  'a later version may have written it; if it is damaged, restore a copy or delete the folder of the job: its simulations remain';

export interface RegistryOptions {
  readonly now: () => Date;
  /** Called once for each record in a deprecated form. */
  readonly onOldForm?: (warning: string) => void;
}

export function createJobRegistry(objects: ObjectStore, { now, onOldForm = () => undefined }: RegistryOptions): JobRegistry {
  const records = createVersionedStore<JobState>(objects, {
    parse: (value, key) => parseValue(value, jobStateSchema, { source: key, code: 'STORE_CORRUPT', hint: UNREADABLE }),
    hint: UNREADABLE,
  });
  const hints = createStatusHints(objects);
  const at = () => now().toISOString();
  const warned = new Set<string>();

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
  /** Lists folders only: a job has an object for each chunk, and none of them is read. */
  const ids = async (prefix: string): Promise<JobId[]> => {
    const names: JobId[] = [];
    for await (const { key } of objects.list(`${keys.jobs}${prefix}`, { delimiter: '/' })) {
      const name = key.slice(keys.jobs.length, -1);
      if (key.endsWith('/') && JOB_ID.test(name)) names.push(parseJobId(name));
    }
    return names;
  };

  return {
    state,
    async register(spec, totals) {
      const text = specText(spec);
      if ((await objects.put(keys.spec(spec.job_id), text, { ifAbsent: true })) === 'conflict') {
        const held = await objects.get(keys.spec(spec.job_id));
        if (held === undefined || Buffer.compare(held.bytes, text) !== 0)
          throw new ModelOpsError('CONFLICT', `another job has the id ${spec.job_id}`);
      }
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
      const key = bound === undefined ? keys.spec(id) : keys.boundSpec(id, bound);
      const object = await found(id, getBounded(objects, key, MOST_BYTES.spec));
      const context = { source: key, code: 'STORE_CORRUPT', hint: UNREADABLE } as const;
      const value = readJson(new TextDecoder().decode(object.bytes), context);
      if (!isOldJob(value)) return parseValue(value, jobSpecSchema, context);
      const { spec, warnings } = readOldSpec(value, { job_id: id, created_at: held?.created_at ?? at() }, context);
      for (const warning of warnings) if (!warned.has(warning)) onOldForm(warning);
      for (const warning of warnings) warned.add(warning);
      return spec;
    },
    async keepSpec(spec) {
      const text = specText(spec);
      const digest = digestOf(text);
      await objects.put(keys.boundSpec(spec.job_id, digest), text, { ifAbsent: true });
      return digest;
    },
    async transition(id, event, { submission, ...context } = {}) {
      const time = at();
      const apply = (held: JobState) =>
        boundState(applyEvent(submission === undefined ? held : requireSubmission(held, submission), event, { ...context, at: time }));
      const moved = await found(id, records.update(keys.state(id), apply, hints.announce));
      await hints.settle(moved);
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
          throw new ModelOpsError('ILLEGAL_TRANSITION', `${id} is ${held.status}: nothing runs that could be taken over`);
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
        const doomed: string[] = [];
        for await (const { key } of objects.list(prefix)) if (key !== keys.state(id)) doomed.push(key);
        await mapConcurrently(doomed, CONCURRENCY, (key) => objects.delete(key));
      }
      await hints.forget(id);
      await objects.delete(keys.state(id));
    },
    history: async (id) => (await state(id)).history,
    async *list({
      status = [],
      label = {},
      since,
      until,
      after,
      limit = Number.POSITIVE_INFINITY,
      repairsNotes = false,
      onUnreadable,
    } = {}) {
      const notes = status.length === 0 ? undefined : await hints.read();
      const isWanted = (id: JobId) =>
        (after === undefined || id < after) &&
        mayBeWithin(id, { since, until }) &&
        (notes === undefined || mayHaveStatus(notes.get(id), status));
      const names = (await ids('')).filter(isWanted);
      names.sort().reverse();
      const readOf = async (id: JobId) => {
        try {
          return await records.read(keys.state(id));
        } catch (error) {
          if (onUnreadable === undefined || !isModelOpsError(error, 'STORE_CORRUPT')) throw error;
          onUnreadable(id, error);
          return undefined;
        }
      };
      let left = limit;
      while (names.length > 0 && left > 0) {
        for (const held of await mapConcurrently(names.splice(0, Math.min(CONCURRENCY, left)), CONCURRENCY, readOf)) {
          if (repairsNotes && held !== undefined && notes !== undefined && !isSettled(held.value, notes.get(held.value.job_id)))
            await hints.settle(held.value, notes.get(held.value.job_id));
          if (held === undefined || left === 0 || !matches(held.value, { status, label, since, until })) continue;
          left--;
          yield held.value;
        }
      }
    },
    async resolve(prefix) {
      const full = prefix.startsWith('job-') ? prefix : `job-${prefix}`;
      if (!/^job-[a-z0-9]*$/.test(full)) parseJobId(prefix);
      const candidates = await ids(full);
      const exact = candidates.find((id) => id === full);
      if (exact !== undefined) return exact;
      if (candidates.length === 1) return candidates[0]!;
      if (candidates.length === 0) throw new ModelOpsError('JOB_NOT_FOUND', `job ${prefix} not found`, { hint: 'mops jobs list' });
      throw new ModelOpsError(
        'CONFLICT',
        `${prefix} matches ${candidates.length} jobs: ${candidates.slice(0, CANDIDATES_NAMED).join(', ')}${candidates.length > CANDIDATES_NAMED ? ', …' : ''}`,
        { hint: 'type more of the id' },
      );
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

function specText(spec: JobSpec): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(spec)}\n`);
}

interface Period {
  readonly since: Date | undefined;
  readonly until: Date | undefined;
}

/** False when the id alone shows that the job was created outside the period; an id contains the time to the second. */
function mayBeWithin(id: JobId, { since, until }: Period): boolean {
  const made = jobTime(id);
  if (made === undefined) return true;
  return (since === undefined || made.getTime() + 1000 > since.getTime()) && (until === undefined || made <= until);
}

function matches({ status, labels, created_at }: JobState, wanted: Required<Pick<JobFilter, 'status' | 'label'>> & Period): boolean {
  const made = new Date(created_at);
  if (wanted.status.length > 0 && !wanted.status.includes(status)) return false;
  if ((wanted.since !== undefined && made < wanted.since) || (wanted.until !== undefined && made > wanted.until)) return false;
  return Object.entries(wanted.label).every(([name, value]) => labels[name] === value);
}
