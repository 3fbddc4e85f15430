import { isJobId, isModelOpsError, type JobId, type JobState, keys, ModelOpsError, parseJobId } from '@modelops/contracts';
import { mapConcurrently } from '@modelops/system';
import type { ObjectStore } from '../objects/object-store.ts';
import { jobTime } from './job-id.ts';
import type { JobFilter, JobRegistry } from './job-registry.ts';
import { isSettled, mayHaveStatus, type StatusNotes } from './status-notes.ts';
import type { VersionedStore } from './versioned-store.ts';

const CANDIDATES_NAMED = 5;
/** Maximum number of records read at once. */
const CONCURRENCY = 16;

/** Finding jobs by filter and by the beginning of their id; see {@link JobRegistry}. */
export function createJobListing(
  objects: ObjectStore,
  records: VersionedStore<JobState>,
  statusNotes: StatusNotes,
): Pick<JobRegistry, 'list' | 'resolve'> {
  /** Lists folders only: a job has an object for each chunk, and none of them is read. */
  const ids = async (prefix: string): Promise<JobId[]> => {
    const names: JobId[] = [];
    for await (const { key } of objects.list(`${keys.jobs}${prefix}`, { delimiter: '/' })) {
      const name = key.slice(keys.jobs.length, -1);
      if (key.endsWith('/') && isJobId(name)) names.push(name);
    }
    return names;
  };

  async function* list({
    status = [],
    label = {},
    since,
    until,
    after,
    limit = Number.POSITIVE_INFINITY,
    repairsNotes = false,
    onUnreadable,
  }: JobFilter = {}): AsyncIterable<JobState> {
    const notes = status.length === 0 ? undefined : await statusNotes.read();
    const isCandidate = (id: JobId) =>
      (after === undefined || id < after) &&
      mayBeWithin(id, { since, until }) &&
      (notes === undefined || mayHaveStatus(notes.get(id), status));
    const names = (await ids('')).filter(isCandidate);
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
          await statusNotes.settle(held.value, notes.get(held.value.job_id));
        if (held === undefined || left === 0 || !matches(held.value, { status, label, since, until })) continue;
        left--;
        yield held.value;
      }
    }
  }

  async function resolve(prefix: string): Promise<JobId> {
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
  }

  return { list, resolve };
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

function matches({ status, labels, created_at }: JobState, filter: Required<Pick<JobFilter, 'status' | 'label'>> & Period): boolean {
  const made = new Date(created_at);
  if (filter.status.length > 0 && !filter.status.includes(status)) return false;
  if ((filter.since !== undefined && made < filter.since) || (filter.until !== undefined && made > filter.until)) return false;
  return Object.entries(filter.label).every(([name, value]) => labels[name] === value);
}
