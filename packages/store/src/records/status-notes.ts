import { isModelOpsError, isTerminal, type JobId, type JobState, keys, TERMINAL_STATUSES } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { keysUnder } from '../objects/read-objects.ts';

/** Instead of a status: the job may have been reopened, and its record may have any status. Sorts before every status, so a listing finds it first. */
const REOPENED = 'again';

export interface StatusNote {
  readonly status: string;
  readonly move: number;
}

/**
 * Empty objects, `jobs-by/<status>/<job>.<move>`, by which a listing skips jobs that ended in another status without reading their records. The
 * record decides; notes only save reads. Invariants, for a crash at any point:
 *
 * - a job that has not ended has no note, or a note of a reopening: the note of an end is written after the record, the note of a
 *   reopening before it;
 * - a job that has ended has no note, or one of that status, or one of a reopening, which is deleted after the note of the new end is written.
 *
 * Each note contains the number of its move, so that deleting a stale note never deletes a newer one. The record of a job without notes is read.
 */
export interface StatusNotes {
  /** Called before a record is changed to `next`. If it fails, the change fails. */
  announce(held: JobState, next: JobState): Promise<void>;
  /** Called after a record was changed to `next`, or was read with these notes. If it fails, later listings read more records. */
  settle(next: JobState, notes?: readonly StatusNote[]): Promise<void>;
  /** All notes, by job. */
  read(): Promise<ReadonlyMap<string, readonly StatusNote[]>>;
  /** Deletes all notes of a job. */
  forget(id: JobId): Promise<void>;
}

export function createStatusNotes(objects: ObjectStore): StatusNotes {
  const write = (status: string, id: JobId, move: number) => objects.put(keys.statusNote(status, id, move), new Uint8Array());
  return {
    async announce(held, next) {
      if (isTerminal(held.status) && !isTerminal(next.status)) await write(REOPENED, next.job_id, next.moves);
    },
    async settle(next, notes = notesBefore(next)) {
      try {
        if (isTerminal(next.status) && !notes.some((note) => isOwn(note, next))) await write(next.status, next.job_id, next.moves);
        for (const note of notes) if (isStale(note, next)) await objects.delete(keys.statusNote(note.status, next.job_id, note.move));
      } catch (error) {
        if (!isModelOpsError(error)) throw error; // a later listing reads the record
      }
    },
    async read() {
      const notes = new Map<string, StatusNote[]>();
      for await (const { key } of objects.list(keys.statusNotes, { keysOnly: true })) {
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
      for (const status of [...TERMINAL_STATUSES, REOPENED])
        for (const key of await keysUnder(objects, keys.statusNote(status, id))) await objects.delete(key);
    },
  };
}

/** Whether a job with these notes may have one of the statuses. */
export function mayHaveStatus(notes: readonly StatusNote[] = [], statuses: readonly string[]): boolean {
  return notes.length === 0 || notes.some(({ status }) => status === REOPENED || statuses.includes(status));
}

/** Whether the notes are those that the record should have. */
export function isSettled(state: JobState, notes: readonly StatusNote[] = []): boolean {
  return !notes.some((note) => isStale(note, state)) && (!isTerminal(state.status) || notes.some((note) => isOwn(note, state)));
}

const isOwn = ({ status, move }: StatusNote, state: JobState): boolean => status === state.status && move === state.moves;

/** A note of an earlier move. A note with a higher number belongs to a move in progress, or to one that never happened, which costs a read. */
function isStale(note: StatusNote, state: JobState): boolean {
  return note.move <= state.moves && (isTerminal(state.status) ? !isOwn(note, state) : note.status !== REOPENED);
}

/** The notes from before the last move of a record: of the end before a reopening, or of the reopening before an end. */
function notesBefore({ status, moves, history }: JobState): StatusNote[] {
  const reopening = history.findLastIndex(({ from }) => from !== null && isTerminal(from));
  if (reopening < 0) return [];
  const move = moves - (history.length - 1 - reopening);
  return isTerminal(status) ? [{ status: REOPENED, move }] : [{ status: history[reopening]!.from!, move: move - 1 }];
}
