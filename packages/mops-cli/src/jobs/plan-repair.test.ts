import { type Attempt, JOB_STATUSES, type JobState, type JobStatus, jobStateSchema } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import type { EngineView } from '../engines/engine.ts';
import { planRepair, type Repair } from './plan-repair.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const MINUTE = 60_000;

type Found = 'fresh' | 'stale';
type Engine = EngineView['phase'] | 'no attempt';

const attempt: Attempt = {
  n: 1,
  engine: 'local',
  owner: null,
  k8s_name: null,
  namespace: null,
  tasks: 1,
  started_at: '',
  ended_at: null,
};
const here = (view: EngineView | undefined) => ({ view, isSubmittedElsewhere: false, hasSubmitterEnded: false });
const viewOf = (engine: Engine): EngineView | undefined =>
  engine === 'no attempt' ? undefined : { phase: engine, workers: { active: 0, succeeded: 0, failed: 0 }, problems: [] };

const MANIFEST = { simulations: 1, aggregations: 0, digest: 'sha256:0' };

function stateOf(status: JobStatus, updatedAt: number, attempts: readonly Attempt[], expected_outputs: object | null = MANIFEST): JobState {
  const updated_at = new Date(updatedAt).toISOString();
  return jobStateSchema.parse({ job_id: 'job-aa11', status, created_at: updated_at, updated_at, attempts, expected_outputs });
}

const repairOf = (status: JobStatus, engine: Engine, found: Found) =>
  planRepair(
    stateOf(status, NOW - (found === 'stale' ? 2 : 0.5) * MINUTE, engine === 'no attempt' ? [] : [attempt]),
    here(viewOf(engine)),
    NOW,
  );

const ENGINES: readonly Engine[] = ['no attempt', 'waiting', 'running', 'ended', 'gone'];
const TERMINAL: readonly JobStatus[] = ['succeeded', 'partial', 'failed', 'cancelled'];

/** For each state, the repair planned for each of {@link ENGINES}. */
const STALE: Readonly<Record<string, readonly Repair[]>> = {
  pending: ['abandon', 'adopt', 'adopt', 'validate', 'validate'],
  submitting: ['abandon', 'adopt', 'adopt', 'validate', 'validate'],
  scheduled: ['validate', 'none', 'none', 'validate', 'validate'],
  running: ['validate', 'none', 'none', 'validate', 'validate'],
  validating: ['validate', 'none', 'none', 'validate', 'validate'],
};

describe('the repair of a job', () => {
  it.each(JOB_STATUSES.filter((status) => !TERMINAL.includes(status)))(
    'ends %s for every phase of the engine that requires it',
    (status) => {
      expect(ENGINES.map((engine) => repairOf(status, engine, 'stale'))).toEqual(STALE[status]);
    },
  );

  it.each(TERMINAL)('does not change %s', (status) => {
    for (const engine of ENGINES) expect(repairOf(status, engine, 'stale')).toBe('none');
  });

  it.each(['pending', 'submitting'] as const)('does not change a live submission (%s), whatever the engine reports', (status) => {
    for (const engine of ENGINES) expect(repairOf(status, engine, 'fresh')).toBe('none');
  });

  it.each(['pending', 'submitting'] as const)('ends a submission (%s) whose process has ended at once', (status) => {
    const repair = (engine: Engine) =>
      planRepair(stateOf(status, NOW, engine === 'no attempt' ? [] : [attempt]), { ...here(viewOf(engine)), hasSubmitterEnded: true }, NOW);
    expect(ENGINES.map(repair)).toEqual(STALE[status]);
  });

  it('is none for a job without a manifest, which cannot be validated', () => {
    for (const status of JOB_STATUSES)
      for (const engine of ENGINES)
        expect(planRepair(stateOf(status, NOW - 2 * MINUTE, [attempt], null), here(viewOf(engine)), NOW)).toBe('none');
  });

  it('does not confuse the workers of an earlier attempt with those of a resume in progress', () => {
    const ended = { ...attempt, ended_at: '2026-11-25T11:00:00Z' };
    expect(planRepair(stateOf('submitting', NOW - 0.5 * MINUTE, [ended]), here(viewOf('ended')), NOW)).toBe('none');
    expect(planRepair(stateOf('submitting', NOW - 2 * MINUTE, [ended]), here(viewOf('ended')), NOW)).toBe('abandon');
  });

  it.each(JOB_STATUSES)('is none for a job that is %s and runs elsewhere', (status) => {
    expect(repairOf(status, 'unknown', 'stale')).toBe('none');
  });

  it('of a submission on another machine only records its workers, and ends nothing', () => {
    const elsewhere = (engine: Engine) =>
      planRepair(
        stateOf('submitting', NOW - 60 * MINUTE, engine === 'no attempt' ? [] : [attempt]),
        { view: viewOf(engine), isSubmittedElsewhere: true, hasSubmitterEnded: false },
        NOW,
      );
    expect(ENGINES.map(elsewhere)).toEqual(['none', 'adopt', 'adopt', 'none', 'none']);
  });

  it('accepts a record from a clock that is slightly ahead, but not from one that was a day ahead', () => {
    expect(planRepair(stateOf('submitting', NOW + 2 * MINUTE, []), here(undefined), NOW)).toBe('none');
    expect(planRepair(stateOf('submitting', NOW + 24 * 60 * MINUTE, []), here(undefined), NOW)).toBe('abandon');
  });
});
