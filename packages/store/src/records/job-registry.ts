import {
  applyEvent,
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
} from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { jobTime } from './job-id.ts';
import { createVersionedStore } from './versioned-store.ts';

export interface JobFilter {
  readonly status?: readonly JobStatus[];
  readonly label?: Readonly<Record<string, string>>;
  readonly since?: Date;
  readonly until?: Date;
  readonly limit?: number;
}

export interface TransitionChange {
  readonly reason?: string;
  readonly set?: Partial<JobState>;
}

/** The jobs of an environment. An outage is an error, never an empty list. */
export interface JobRegistry {
  /** Writes the spec, then the record, `pending`. Again with the same spec it changes nothing. @throws CONFLICT when the id is another job's */
  register(spec: JobSpec, totals: Pick<JobState, 'tasks_total' | 'expected_outputs'>): Promise<JobState>;
  /** @throws JOB_NOT_FOUND */
  spec(id: JobId): Promise<JobSpec>;
  /** @throws JOB_NOT_FOUND */
  state(id: JobId): Promise<JobState>;
  /** Moves the record by one event. @throws ILLEGAL_TRANSITION, JOB_NOT_FOUND */
  transition(id: JobId, event: JobEvent, change?: TransitionChange): Promise<JobState>;
  /** Changes fields without a transition. */
  update(id: JobId, change: (state: JobState) => JobState): Promise<JobState>;
  /** Newest first. Records outside [since, until] are not read where the id tells the time. */
  list(filter?: JobFilter): AsyncIterable<JobState>;
  /** The id that begins so. @throws JOB_NOT_FOUND, CONFLICT naming the candidates */
  resolve(prefix: string): Promise<JobId>;
}

const STATE = '/state.json';
const CANDIDATES_NAMED = 5;

export function createJobRegistry(objects: ObjectStore, { now }: { readonly now: () => Date }): JobRegistry {
  const records = createVersionedStore<JobState>(objects, {
    parse: (value, key) => parseValue(value, jobStateSchema, { source: key, code: 'STORE_CORRUPT' }),
  });
  const at = () => now().toISOString();

  const found = async <T>(id: JobId, read: Promise<T | undefined>): Promise<T> => {
    const value = await read;
    if (value === undefined) throw new ModelOpsError('JOB_NOT_FOUND', `there is no job ${id}`, { hint: 'mops jobs list' });
    return value;
  };
  const state = async (id: JobId) => (await found(id, records.read(keys.state(id)))).value;
  const change = async (id: JobId, apply: (held: JobState) => JobState) => {
    await state(id);
    return records.update(keys.state(id), apply);
  };
  const ids = async (prefix: string): Promise<JobId[]> => {
    const names: JobId[] = [];
    for await (const { key } of objects.list(`${keys.jobs}${prefix}`)) {
      if (key.endsWith(STATE)) names.push(parseJobId(key.slice(keys.jobs.length, -STATE.length)));
    }
    return names;
  };

  return {
    state,
    async register(spec, totals) {
      const text = new TextEncoder().encode(`${JSON.stringify(spec)}\n`);
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
    async spec(id) {
      const object = await found(id, objects.get(keys.spec(id)));
      const source = keys.spec(id);
      return parseValue(readJson(new TextDecoder().decode(object.bytes), { source, code: 'STORE_CORRUPT' }), jobSpecSchema, {
        source,
        code: 'STORE_CORRUPT',
      });
    },
    transition: (id, event, { reason, set } = {}) =>
      change(id, (held) =>
        applyEvent(held, event, { at: at(), ...(reason === undefined ? {} : { reason }), ...(set === undefined ? {} : { set }) }),
      ),
    update: (id, apply) => change(id, (held) => ({ ...apply(held), updated_at: at() })),
    async *list({ status = [], label = {}, since, until, limit = Number.POSITIVE_INFINITY } = {}) {
      let given = 0;
      for (const id of (await ids('')).sort().reverse()) {
        if (given >= limit) return;
        const made = jobTime(id);
        // An id tells the time to the second.
        if (
          made !== undefined &&
          ((since !== undefined && made.getTime() + 1000 <= since.getTime()) || (until !== undefined && made > until))
        )
          continue;
        const held = (await records.read(keys.state(id)))?.value;
        if (held === undefined || !matches(held, { status, label, since, until })) continue;
        given++;
        yield held;
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
        `${prefix} may be any of ${candidates.length} jobs: ${candidates.slice(0, CANDIDATES_NAMED).join(', ')}`,
        { hint: 'give more of the id' },
      );
    },
  };
}

function matches(
  { status, labels, created_at }: JobState,
  wanted: Required<Pick<JobFilter, 'status' | 'label'>> & { since: Date | undefined; until: Date | undefined },
): boolean {
  const made = new Date(created_at);
  if (wanted.status.length > 0 && !wanted.status.includes(status)) return false;
  if ((wanted.since !== undefined && made < wanted.since) || (wanted.until !== undefined && made > wanted.until)) return false;
  return Object.entries(wanted.label).every(([name, value]) => labels[name] === value);
}
