import { isModelOpsError, isTerminal, type JobId, type JobState, type JobStatus, keys, TERMINAL_STATUSES } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';

/** A note that a job may have been reopened: its record may have any status. */
const REOPENED = 'reopened';

/**
 * Notes beside the records, `jobs-by/<status>/<job>.<move>`, by which a listing passes over jobs that ended otherwise without reading them. A note
 * is a hint, the record the truth. What must hold, whoever dies when:
 *
 * - a job that has not ended has no note, or one that it was reopened: the note of an end is written after the record, the note of a
 *   reopening before it;
 * - a job that has ended has no note, or one of that status, or one that it was reopened: that one goes after the note of the new end.
 *
 * Each note bears the number of its move, so that deleting one that has become stale never takes another's. A job without notes is read.
 */
export interface StatusHints {
  /** Before a record is moved to `next`. Its failure ends the move. */
  announce(held: JobState, next: JobState): Promise<void>;
  /** After a record was moved to `next`, and after reading one that has ended. Its failure costs later readings, no truth. */
  settle(next: JobState): Promise<void>;
  /** The notes of every job that has any. */
  read(): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** Drops all notes of a job. */
  forget(id: JobId): Promise<void>;
}

export function createStatusHints(objects: ObjectStore): StatusHints {
  const write = (status: string, id: JobId, move: number) => objects.put(keys.statusHint(status, id, move), new Uint8Array());
  return {
    async announce(held, next) {
      if (isTerminal(held.status) && !isTerminal(next.status)) await write(REOPENED, next.job_id, next.moves);
    },
    async settle(next) {
      try {
        if (isTerminal(next.status)) await write(next.status, next.job_id, next.moves);
        for (const [status, move] of staleAfter(next)) await objects.delete(keys.statusHint(status, next.job_id, move));
      } catch (error) {
        if (!isModelOpsError(error)) throw error; // the next listing reads the record, and settles it
      }
    },
    async read() {
      const notes = new Map<string, Set<string>>();
      for await (const { key } of objects.list(keys.statusHints)) {
        const [, status = '', name = ''] = key.split('/');
        const id = name.slice(0, name.lastIndexOf('.'));
        const held = notes.get(id);
        if (held === undefined) notes.set(id, new Set([status]));
        else held.add(status);
      }
      return notes;
    },
    async forget(id) {
      for (const status of [...TERMINAL_STATUSES, REOPENED]) {
        const doomed: string[] = [];
        for await (const { key } of objects.list(keys.statusHint(status, id))) doomed.push(key);
        for (const key of doomed) await objects.delete(key);
      }
    },
  };
}

/** Whether a job with these notes may have one of the statuses. */
export function mayHaveStatus(notes: ReadonlySet<string> | undefined, statuses: readonly JobStatus[]): boolean {
  return notes === undefined || notes.has(REOPENED) || statuses.some((status) => notes.has(status));
}

/** Whether the notes say of a record that has ended how it did, and no more. */
export function isSettled({ status }: JobState, notes: ReadonlySet<string> | undefined): boolean {
  return !isTerminal(status) || (notes?.has(status) === true && !notes.has(REOPENED));
}

/** The notes that the last move of a record made stale: of the end before a reopening, or of the reopening before an end. */
function staleAfter({ status, moves, history }: JobState): (readonly [string, number])[] {
  const reopening = history.findLastIndex(({ from }) => from !== null && isTerminal(from));
  if (reopening < 0) return [];
  const move = moves - (history.length - 1 - reopening);
  return isTerminal(status) ? [[REOPENED, move]] : [[history[reopening]!.from!, move - 1]];
}
