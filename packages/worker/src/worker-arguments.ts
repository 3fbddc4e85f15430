import { parseArgs } from 'node:util';
import { type JobId, ModelOpsError, messageOf, parseJobId } from '@modelops/contracts';

/** The arguments of a worker. */
export interface WorkerArguments {
  readonly job: JobId;
  readonly attempt: number;
  readonly index: number;
  /** Number of warm hosts. */
  readonly slots: number;
  /** File that the worker appends its log to, bounded and rotated. Default: its stderr. */
  readonly log?: string;
}

export const USAGE = 'usage: mops-worker --job JOB --attempt N --index I [--slots S] [--log FILE]';

export interface ArgumentDefaults {
  /** Set by Kubernetes to the index of the pod. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Cores that this process may use; the default number of hosts. */
  readonly cores: number;
}

/** Parses the worker's command line; `help` if it asks for help. @throws USAGE, IDENTITY_INVALID */
export function readArguments(argv: readonly string[], { env, cores }: ArgumentDefaults): WorkerArguments | 'help' {
  const values = parseOptions(argv);
  if (values.help === true) return 'help';
  if (values.job === undefined) throw usage('--job is missing');
  return {
    job: parseJobId(values.job),
    attempt: parseWhole('attempt', values.attempt ?? '1', 1),
    index: parseWhole('index', values.index ?? env.JOB_COMPLETION_INDEX, 0),
    slots: parseWhole('slots', values.slots ?? String(cores), 1),
    ...(values.log === undefined ? {} : { log: values.log }),
  };
}

function parseOptions(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = { job: text, attempt: text, index: text, slots: text, log: text, help: { type: 'boolean' } } as const;
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw usage(messageOf(error));
  }
}

function parseWhole(name: 'attempt' | 'index' | 'slots', text: string | undefined, min: number): number {
  const value = Number(text);
  if (text === undefined) throw usage(`--${name} is missing`);
  if (!Number.isInteger(value) || value < min) throw usage(`invalid --${name}: expected a whole number of at least ${min}, got "${text}"`);
  return value;
}

function usage(problem: string): ModelOpsError {
  return new ModelOpsError('USAGE', problem, { hint: USAGE });
}
