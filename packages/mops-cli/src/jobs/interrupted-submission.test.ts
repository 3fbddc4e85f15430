import { parseJobId } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { reportInterruption, type SubmissionProgress } from './interrupted-submission.ts';

const JOB = parseJobId('job-1');

/** What is reported when a submission is interrupted after these steps, and ends with the others. */
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
  it('reports that there is no job while the study is checked', () => {
    expect(interruptedAfter(() => undefined)).toEqual(['no job was created']);
  });

  it('reports a job whose record is being written once that has ended', () => {
    const creating = ({ onCreating }: SubmissionProgress) => onCreating(JOB);
    expect(interruptedAfter(creating)).toEqual([]);
    expect(interruptedAfter(creating, ({ onCreated }) => onCreated(JOB))).toEqual([
      'job-1 was created, and no worker is started; mops jobs resume job-1 starts it',
    ]);
    expect(interruptedAfter(creating, ({ end }) => end())).toEqual([
      'job-1 may have been created; mops jobs status job-1 shows whether it was',
    ]);
  });

  it('reports the job that exists, that nothing runs, and how to start it', () => {
    expect(interruptedAfter(({ onCreated }) => onCreated(JOB))).toEqual([
      'job-1 was created, and no worker is started; mops jobs resume job-1 starts it',
    ]);
  });

  it('reports a job whose workers are being started, and that it goes on', () => {
    const starting = ({ onCreated, onStarting }: SubmissionProgress) => {
      onCreated(JOB);
      onStarting();
    };
    expect(interruptedAfter(starting, ({ onStarted }) => onStarted())).toEqual([
      'job-1 is being started; mops jobs status job-1 shows whether it runs',
      'job-1 goes on; mops jobs cancel job-1 stops it',
    ]);
  });

  it('reports nothing once it has ended', () => {
    expect(interruptedAfter(({ onStarted }) => onStarted())).toEqual([]);
    expect(interruptedAfter(({ end }) => end())).toEqual([]);
  });
});
