import { describe, expect, it } from 'vitest';
import { parseJobId } from '../identity/ids.ts';
import { applyEvent, boundState } from './apply-event.ts';
import { type JobState, jobStateSchema } from './state.ts';
import { isTerminal, JOB_STATUSES, transition } from './transition.ts';

// Rows: from. Columns: to, in the order of JOB_STATUSES. y: allowed; L: only for jobs of versions without validation.
const TABLE: Record<string, string> = {
  pending: '.y......y',
  submitting: '..y....yy',
  scheduled: '...yy..yy',
  running: '....yL.yy',
  validating: '.....yyyy',
  succeeded: '.........',
  partial: '.........',
  failed: '.........',
  cancelled: '.........',
};

describe('job states', () => {
  for (const from of JOB_STATUSES) {
    JOB_STATUSES.forEach((to, column) => {
      const mark = TABLE[from]![column]!;
      it(`${from} → ${to} is ${mark === 'y' ? 'allowed' : mark === 'L' ? 'for legacy jobs only' : 'refused'}`, () => {
        if (mark === 'y') expect(transition(from, { to })).toBe(to);
        else expect(() => transition(from, { to })).toThrow(/cannot become/);
        if (mark === 'L') expect(transition(from, { to, legacy: true })).toBe(to);
        else if (mark === '.') expect(() => transition(from, { to, legacy: true })).toThrow();
      });
    });
  }
  it('has four terminal states', () => {
    expect(JOB_STATUSES.filter(isTerminal)).toEqual(['succeeded', 'partial', 'failed', 'cancelled']);
  });
  it('reopens by named events only, each from its own states', () => {
    const allowed = (reopen: 'resume' | 'revalidate') => JOB_STATUSES.filter((from) => tried(() => transition(from, { reopen })));
    expect(allowed('resume')).toEqual(['partial', 'failed', 'cancelled']);
    expect(allowed('revalidate')).toEqual(['succeeded', 'partial']);
  });
});

describe('the job record', () => {
  const state: JobState = jobStateSchema.parse({
    job_id: parseJobId('job-1'),
    status: 'pending',
    created_at: 't',
    updated_at: 't',
    from_the_future: 7,
  });
  it('keeps fields of later versions and the last 50 transitions, under 16 KiB', () => {
    let at = state;
    for (let i = 0; i < 100; i++) {
      at = applyEvent(at, { to: 'submitting' }, { at: '2026-01-01T00:00:00.000Z', reason: 'x'.repeat(40) });
      at = applyEvent(at, { to: 'failed' }, { at: '2026-01-01T00:00:00.000Z' });
      at = applyEvent(at, { reopen: 'resume' }, { at: '2026-01-01T00:00:00.000Z' });
      at = applyEvent(at, { to: 'cancelled' }, { at: '2026-01-01T00:00:00.000Z' });
      at = { ...state, moves: at.moves, history: at.history };
    }
    expect(at.history).toHaveLength(50);
    expect(at.from_the_future).toBe(7);
    const attempt = {
      engine: 'local',
      owner: null,
      k8s_name: 'k'.repeat(100),
      namespace: null,
      tasks: 1e6,
      started_at: 't',
      ended_at: 't',
    };
    const full = boundState({
      ...at,
      labels: Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`label-${n}`.padEnd(63, 'x'), 'é'.repeat(63)])),
      attempts: Array.from({ length: 30 }, (_, n) => ({ ...attempt, n: n + 1 })),
      missing_outputs: { count: 1e6, first: Array.from({ length: 100 }, () => 'a'.repeat(64)) },
    });
    expect(Buffer.byteLength(`${JSON.stringify(full)}\n`)).toBeLessThan(16 * 1024);
    expect(full.missing_outputs.count).toBe(1e6);
    expect(full.attempts.at(-1)!.n).toBe(30);
  });
  it('keeps the last 20 attempts, and as many other fields as fit', () => {
    const attempt = { engine: 'local', owner: null, k8s_name: null, namespace: null, tasks: 1, started_at: 't', ended_at: 't' };
    const attempts = Array.from({ length: 25 }, (_, n) => ({ ...attempt, n: n + 1 }));
    const bounded = boundState({ ...state, attempts, missing_outputs: { count: 9, first: ['a', 'b'] } });
    expect(bounded.attempts.map(({ n }) => n)).toEqual(Array.from({ length: 20 }, (_, n) => n + 6));
    expect(bounded.missing_outputs.first).toEqual(['a', 'b']);
  });
  it('has a submitter only during its submission', () => {
    const submitter = { kind: 'machine', machine: 'm', home: '/h', host: 'h' } as const;
    const submitting = applyEvent(state, { to: 'submitting' }, { at: 't', submitter });
    expect(submitting).toMatchObject({ submitter });
    expect(applyEvent(submitting, { to: 'scheduled' }, { at: 't' })).not.toHaveProperty('submitter');
    expect(applyEvent(submitting, { to: 'failed' }, { at: 't', error: 'why' })).toMatchObject({ error: 'why', deleted_at: null });
  });
  it('changes no state while it is being deleted', () => {
    const failed = applyEvent(applyEvent(state, { to: 'submitting' }, { at: 't' }), { to: 'failed' }, { at: 't' });
    const deleting = { ...failed, deleted_at: 't' } as JobState;
    expect(() => applyEvent(deleting, { reopen: 'resume' }, { at: 't' })).toThrow(/being deleted/);
  });
});

it('new counts keep the fields of a later version', () => {
  const state: JobState = jobStateSchema.parse({
    job_id: parseJobId('job-1'),
    status: 'validating',
    created_at: 't',
    updated_at: 't',
    missing_outputs: { count: 0, first: [], kinds: { lost: 0 } },
  });
  const outputs = { tasks_verified: 3, missing_outputs: { count: 1, first: ['b'] } };
  expect(applyEvent(state, { to: 'partial' }, { at: 't', outputs })).toMatchObject({
    tasks_verified: 3,
    validation_completed_at: 't',
    missing_outputs: { count: 1, first: ['b'], kinds: { lost: 0 } },
  });
});

function tried(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
