import { isModelOpsError, isTerminal, type JobId, type JobState, keys, TERMINAL_STATUSES } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';

/** A note that a job may have been reopened: its record may have any status. Sorts before every status, so that a listing meets it first. */
const REOPENED = 'again';

export interface StatusNote {
  readonly status: string;
  readonly move: number;
}

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
  /** After a record was moved to `next`, or was read with these notes. Its failure costs later readings, no truth. */
  settle(next: JobState, notes?: readonly StatusNote[]): Promise<void>;
  /** All notes, by job. */
  read(): Promise<ReadonlyMap<string, readonly StatusNote[]>>;
  /** Drops all notes of a job. */
  forget(id: JobId): Promise<void>;
}

export function createStatusHints(objects: ObjectStore): StatusHints {
  const write = (status: string, id: JobId, move: number) => objects.put(keys.statusHint(status, id, move), new Uint8Array());
  return {
    async announce(held, next) {
      if (isTerminal(held.status) && !isTerminal(next.status)) await write(REOPENED, next.job_id, next.moves);
    },
    async settle(next, notes = notesBefore(next)) {
      try {
        if (isTerminal(next.status) && !notes.some((note) => isOwn(note, next))) await write(next.status, next.job_id, next.moves);
        for (const note of notes) if (isStale(note, next)) await objects.delete(keys.statusHint(note.status, next.job_id, note.move));
      } catch (error) {
        if (!isModelOpsError(error)) throw error; // the next listing reads the record, and settles it
      }
    },
    async read() {
      const notes = new Map<string, StatusNote[]>();
      for await (const { key } of objects.list(keys.statusHints, { keysOnly: true })) {
        const [, status = '', name = ''] = key.split('/');
        const dot = name.lastIndexOf('.');
        const note = { status, move: Number(name.slice(dot + 1)) };
        const held = notes.get(name.slice(0, dot));
        if (held === undefined) notes.set(name.slice(0, dot), [note]);
        else held.push(note);
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
export function mayHaveStatus(notes: readonly StatusNote[] = [], statuses: readonly string[]): boolean {
  return notes.length === 0 || notes.some(({ status }) => status === REOPENED || statuses.includes(status));
}

/** Whether a record that was read has the notes that it should have. */
export function isSettled(state: JobState, notes: readonly StatusNote[] = []): boolean {
  return !notes.some((note) => isStale(note, state)) && (!isTerminal(state.status) || notes.some((note) => isOwn(note, state)));
}

const isOwn = ({ status, move }: StatusNote, state: JobState): boolean => status === state.status && move === state.moves;

/** A note of a move that was overtaken. One with a higher number is of a move under way: or of one that never came, which costs a reading. */
function isStale(note: StatusNote, state: JobState): boolean {
  return note.move <= state.moves && (isTerminal(state.status) ? !isOwn(note, state) : note.status !== REOPENED);
}

/** The notes that stood before the last move of a record: of the end before a reopening, or of the reopening before an end. */
function notesBefore({ status, moves, history }: JobState): StatusNote[] {
  const reopening = history.findLastIndex(({ from }) => from !== null && isTerminal(from));
  if (reopening < 0) return [];
  const move = moves - (history.length - 1 - reopening);
  return isTerminal(status) ? [{ status: REOPENED, move }] : [{ status: history[reopening]!.from!, move: move - 1 }];
}
