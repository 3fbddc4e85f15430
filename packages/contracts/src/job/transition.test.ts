import { describe, expect, it } from 'vitest';
import { parseJobId } from '../identity/job-id.ts';
import { applyEvent, type JobState, jobStateSchema } from './state.ts';
import { isTerminal, JOB_STATUSES, transition } from './transition.ts';

// Rows: from. Columns: to, in the order of JOB_STATUSES. y: allowed; L: for jobs from before validation only.
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
  it('reopens by name only, and only from where the name says', () => {
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
      at = { ...at, status: 'pending' };
    }
    expect(at.history).toHaveLength(50);
    expect(at.from_the_future).toBe(7);
    const full = { ...at, missing_outputs: { count: 1e6, first: Array.from({ length: 100 }, () => 'a'.repeat(64)) } };
    expect(JSON.stringify(full).length).toBeLessThan(16 * 1024);
  });
});

it('counts that are set anew keep what a later version wrote beside them', () => {
  const state: JobState = jobStateSchema.parse({
    job_id: parseJobId('job-1'),
    status: 'validating',
    created_at: 't',
    updated_at: 't',
    expected_outputs: { simulations: 4, aggregations: 0, digest: 'a', figures: 3 },
    missing_outputs: { count: 0, first: [], kinds: { lost: 0 } },
  });
  const set = { missing_outputs: { count: 1, first: ['b'] }, expected_outputs: { simulations: 5, aggregations: 1, digest: 'c' } };
  expect(applyEvent(state, { to: 'partial' }, { at: 't', set })).toMatchObject({
    expected_outputs: { simulations: 5, aggregations: 1, digest: 'c', figures: 3 },
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
