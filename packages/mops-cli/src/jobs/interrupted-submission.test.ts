import { parseJobId } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { reportInterruption, type SubmissionProgress } from './interrupted-submission.ts';

const JOB = parseJobId('job-1');

/** The notes of a submission that is interrupted after the first steps, and then continues with the others. */
function interruptedAfter(before: (progress: SubmissionProgress) => void, after: (progress: SubmissionProgress) => void = () => undefined) {
  const controller = new AbortController();
  const notes: string[] = [];
  const progress = reportInterruption(controller.signal, { note: (text) => void notes.push(text) });
  before(progress);
  controller.abort();
  after(progress);
  return notes;
}

describe('an interrupted submission', () => {
  it('reports that no job was created while the study is checked', () => {
    expect(interruptedAfter(() => undefined)).toEqual(['no job was created']);
  });

  it('reports a job whose record is being written once the write has ended', () => {
    const creating = ({ onCreating }: SubmissionProgress) => onCreating(JOB);
    expect(interruptedAfter(creating)).toEqual([]);
    expect(interruptedAfter(creating, ({ onCreated }) => onCreated(JOB))).toEqual([
      'job-1 was created, but no worker was started; start it with mops jobs resume job-1',
    ]);
    expect(interruptedAfter(creating, ({ end }) => end())).toEqual(['job-1 may have been created; check with mops jobs status job-1']);
  });

  it('reports the created job, that no worker was started, and how to start it', () => {
    expect(interruptedAfter(({ onCreated }) => onCreated(JOB))).toEqual([
      'job-1 was created, but no worker was started; start it with mops jobs resume job-1',
    ]);
  });

  it('reports a job whose workers are being started, and that it continues', () => {
    const starting = ({ onCreated, onStarting }: SubmissionProgress) => {
      onCreated(JOB);
      onStarting();
    };
    expect(interruptedAfter(starting, ({ onStarted }) => onStarted())).toEqual([
      'job-1 is being started; check with mops jobs status job-1',
      'job-1 continues; stop it with mops jobs cancel job-1',
    ]);
  });

  it('reports nothing once it has ended', () => {
    expect(interruptedAfter(({ onStarted }) => onStarted())).toEqual([]);
    expect(interruptedAfter(({ end }) => end())).toEqual([]);
  });
});
