import { describe, expect, it } from 'vitest';
import { readArguments } from './worker-arguments.ts';

describe('readArguments', () => {
  it('has a host for each core by default', () => {
    const expected = { job: 'job-1', attempt: 1, index: 0 };
    expect(readArguments(['--job', 'job-1', '--index', '0'], { env: {}, cores: 6 })).toEqual({ ...expected, slots: 6 });
    expect(readArguments(['--job', 'job-1', '--index', '0', '--slots', '2'], { env: {}, cores: 6 })).toEqual({ ...expected, slots: 2 });
  });

  it('takes the index from Kubernetes if --index is missing', () => {
    const args = ['--job', 'job-1', '--attempt', '3'];
    expect(readArguments(args, { env: { JOB_COMPLETION_INDEX: '4' }, cores: 1 })).toEqual({ job: 'job-1', attempt: 3, index: 4, slots: 1 });
    expect(readArguments([...args, '--index', '5'], { env: { JOB_COMPLETION_INDEX: '4' }, cores: 1 })).toMatchObject({ index: 5 });
  });

  it('logs to stderr unless a file is given', () => {
    const read = (...more: string[]) => readArguments(['--job', 'job-1', '--index', '0', ...more], { env: {}, cores: 1 });
    expect(read()).not.toHaveProperty('log');
    expect(read('--log', '/var/log/w0')).toMatchObject({ log: '/var/log/w0' });
  });

  it.each([
    [['--index', '0', '--slots', '0'], /invalid --slots: expected a whole number of at least 1, got "0"/],
    [['--index', '1.5'], /invalid --index: .* got "1.5"/],
    [['--index', '-1'], /'--index' argument is ambiguous/],
    [['--index', '0', '--attempt', '0'], /invalid --attempt/],
  ])('refuses %j', (args, message) => {
    expect(() => readArguments(['--job', 'job-1', ...args], { env: {}, cores: 1 })).toThrow(message);
  });
});
