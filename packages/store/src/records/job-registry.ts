import {
  applyEvent,
  type Digest,
  digestOf,
  isModelOpsError,
  isOldJob,
  isTerminal,
  type JobEvent,
  type JobId,
  type JobSpec,
  type JobState,
  type JobStatus,
  jobSpecSchema,
  jobStateSchema,
  keys,
  ModelOpsError,
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
  /** Goes on after this job, the last of the page before. */
  readonly after?: JobId;
  readonly limit?: number;
  /** Told of a record that cannot be read, which may be any job's; without it the listing ends with the record's error. */
  readonly onUnreadable?: (id: JobId, error: ModelOpsError) => void;
}

export interface TransitionChange {
  readonly reason?: string;
  readonly set?: Partial<JobState>;
}

/** The jobs of an environment. An outage is an error, never an empty list. */
export interface JobRegistry {
  /** Writes the spec, then the record, `pending`. Again with the same spec it changes nothing. @throws CONFLICT when the id is another job's */
  register(spec: JobSpec, totals: Pick<JobState, 'tasks_total' | 'expected_outputs'>): Promise<JobState>;
  /** As the job is bound now, or as an attempt of it was. @throws JOB_NOT_FOUND */
  spec(id: JobId, options?: { readonly attempt?: number }): Promise<JobSpec>;
  /** Keeps a spec that the job is to be bound to anew, and gives its digest for the record. It counts once a transition sets it. */
  keepSpec(spec: JobSpec): Promise<Digest>;
  /** @throws JOB_NOT_FOUND */
  state(id: JobId): Promise<JobState>;
  /** Moves the record by one event. @throws ILLEGAL_TRANSITION, JOB_NOT_FOUND */
  transition(id: JobId, event: JobEvent, change?: TransitionChange): Promise<JobState>;
  /** Changes fields without a transition. @throws JOB_NOT_FOUND */
  update(id: JobId, change: (state: JobState) => JobState): Promise<JobState>;
  /**
   * Deletes the record of a job that has ended, with its attempts, its attribution and its results index, the record itself last: a deletion that
   * was interrupted goes on when it is asked for again. Results in provenance stay. @throws ILLEGAL_TRANSITION for a job that has not ended, JOB_NOT_FOUND
   */
  remove(id: JobId): Promise<void>;
  /** The last 50 transitions, oldest first. @throws JOB_NOT_FOUND */
  history(id: JobId): Promise<JobState['history']>;
  /**
   * Newest first. Reads no record outside [since, until] where the id tells the time, few after the last that is taken, and of jobs that
   * ended in another status than asked for none, but where a crash came between.
   */
  list(filter?: JobFilter): AsyncIterable<JobState>;
  /** The id that begins so. @throws JOB_NOT_FOUND, CONFLICT naming the candidates */
  resolve(prefix: string): Promise<JobId>;
}

const CANDIDATES_NAMED = 5;
const JOB_ID = /^job-[a-z0-9]{1,36}$/;
/** Objects read or deleted at once. */
const CONCURRENCY = 16;
const UNREADABLE =
  'a later version may have written it; if it is damaged, put a copy back, or delete the folder of the job: its simulations stay';

export interface RegistryOptions {
  readonly now: () => Date;
  /** Told once of each record in a form that is deprecated. */
  readonly onOldForm?: (warning: string) => void;
}

export function createJobRegistry(objects: ObjectStore, { now, onOldForm = () => undefined }: RegistryOptions): JobRegistry {
  const records = createVersionedStore<JobState>(objects, {
    parse: (value, key) => parseValue(value, jobStateSchema, { source: key, code: 'STORE_CORRUPT', hint: UNREADABLE }),
    hint: UNREADABLE,
  });
  const hints = createStatusHints(objects);
  const at = () => now().toISOString();
  const said = new Set<string>();

  const found = async <T>(id: JobId, read: Promise<T | undefined>): Promise<T> => {
    const value = await read;
    if (value === undefined) throw new ModelOpsError('JOB_NOT_FOUND', `there is no job ${id}`, { hint: 'mops jobs list' });
    return value;
  };
  const state = async (id: JobId) => (await found(id, records.read(keys.state(id)))).value;
  const change = (id: JobId, apply: (held: JobState) => JobState) => found(id, records.update(keys.state(id), apply));
  /** By the folders alone: a job has an object for each of its chunks, and none of them is looked at. */
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
          throw new ModelOpsError('CONFLICT', `${spec.job_id} is another job`);
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
      for (const warning of warnings) if (!said.has(warning)) onOldForm(warning);
      for (const warning of warnings) said.add(warning);
      return spec;
    },
    async keepSpec(spec) {
      const text = specText(spec);
      const digest = digestOf(text);
      await objects.put(keys.boundSpec(spec.job_id, digest), text, { ifAbsent: true });
      return digest;
    },
    async transition(id, event, { reason, set } = {}) {
      const change = { at: at(), ...(reason === undefined ? {} : { reason }), ...(set === undefined ? {} : { set }) };
      const moved = await found(
        id,
        records.update(keys.state(id), (held) => applyEvent(held, event, change), hints.announce),
      );
      await hints.settle(moved);
      return moved;
    },
    update: (id, apply) => change(id, (held) => ({ ...apply(held), updated_at: at() })),
    async remove(id) {
      await change(id, (held) => {
        if (isTerminal(held.status)) return { ...held, deleted_at: held.deleted_at ?? at() };
        throw new ModelOpsError('ILLEGAL_TRANSITION', `${id} is ${held.status}: it cannot be deleted before it has ended`, {
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
    async *list({ status = [], label = {}, since, until, after, limit = Number.POSITIVE_INFINITY, onUnreadable } = {}) {
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
          if (held !== undefined && notes !== undefined && !isSettled(held.value, notes.get(held.value.job_id)))
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
      if (candidates.length === 0) throw new ModelOpsError('JOB_NOT_FOUND', `there is no job ${prefix}`, { hint: 'mops jobs list' });
      throw new ModelOpsError(
        'CONFLICT',
        `${prefix} may be any of ${candidates.length} jobs: ${candidates.slice(0, CANDIDATES_NAMED).join(', ')}${candidates.length > CANDIDATES_NAMED ? ', …' : ''}`,
        { hint: 'give more of the id' },
      );
    },
  };
}

function specText(spec: JobSpec): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(spec)}\n`);
}

interface Period {
  readonly since: Date | undefined;
  readonly until: Date | undefined;
}

/** False when the id alone tells that the job was made outside the period; an id tells the time to the second. */
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
