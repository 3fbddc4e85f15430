import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { type ErrorCode, isModelOpsError, ModelOpsError, messageOf, parseJobId, WORKER_EXIT } from '@modelops/contracts';
import { readWorkerEnvironment, removeSecrets } from './environment.ts';
import { LoadFailed } from './hosts/model-host.ts';
import { createJob, readPlan } from './job-context.ts';
import { openHosts } from './open-hosts.ts';
import { openStores } from './open-stores.ts';
import { runWorker } from './run-worker.ts';

/** Failures that the next start of the index would meet again. */
const FINAL_CODES: readonly ErrorCode[] = [
  'USAGE',
  'CONFIG_INVALID',
  'ENVIRONMENT_NOT_FOUND',
  'BUNDLE_INVALID',
  'BUNDLE_NOT_FOUND',
  'MODEL_INVALID',
  'JOB_NOT_FOUND',
  'STORE_CORRUPT',
  'UNAUTHORISED',
  'IDENTITY_INVALID',
];

const USAGE = 'usage: mops-worker --job JOB --attempt N --index I [--slots S]';

const log = (line: string) => process.stderr.write(`${new Date().toISOString()} ${line}\n`);

function parseOptions() {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({ options: { job: text, attempt: text, index: text, slots: text, help: { type: 'boolean' } } }).values;
  } catch (error) {
    throw new ModelOpsError('USAGE', messageOf(error), { hint: USAGE });
  }
}

function readArguments() {
  const values = parseOptions();
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  const whole = (name: 'attempt' | 'index' | 'slots', text: string | undefined, least: number) => {
    const value = Number(text);
    if (text === undefined || !Number.isInteger(value) || value < least)
      throw new ModelOpsError('USAGE', `--${name} is ${text ?? 'missing'}`, { hint: USAGE });
    return value;
  };
  if (values.job === undefined) throw new ModelOpsError('USAGE', '--job is missing', { hint: USAGE });
  return {
    job: parseJobId(values.job),
    attempt: whole('attempt', values.attempt ?? '1', 1),
    index: whole('index', values.index ?? process.env.JOB_COMPLETION_INDEX, 0),
    slots: whole('slots', values.slots ?? '1', 1),
  };
}

/** Works until nothing is left to claim. Returns the exit status. */
async function main(): Promise<number> {
  const { job: id, attempt, index, slots } = readArguments();
  const stop = new AbortController();
  process.on('SIGTERM', () => {
    log('SIGTERM: writing what has run');
    stop.abort();
  });
  // By default it opens the debugger, by which a model could read this process.
  process.on('SIGUSR1', () => log('SIGUSR1 is not heeded'));
  const { environment, cacheDir } = await readWorkerEnvironment(process.env);
  const stores = await openStores(environment, { cacheDir, onBadPack: ({ pack, reason }) => log(`bad pack ${pack} set aside: ${reason}`) });
  const job = createJob(await stores.registry.spec(id, { attempt }));
  const plan = await readPlan(stores.objects, id, attempt);
  const { hosts, load } = await openHosts(job, { environment, cacheDir, onOutput: (text) => process.stderr.write(text) });
  await removeSecrets(process.env);
  const name = `${hostname()}/${index}`;
  const chunks = await runWorker({ job, plan, index, slots, name, load, hosts, signal: stop.signal, log }, stores);
  log(`worker ${index}: ${chunks} chunks`);
  return stop.signal.aborted ? WORKER_EXIT.stopped : 0;
}

try {
  process.exit(await main());
} catch (error) {
  if (error instanceof LoadFailed) {
    log(
      `the model does not load: ${error.reason.type}: ${error.reason.message}\n${error.reason.traceback ?? error.reason.stderr_tail ?? ''}`,
    );
    process.exit(WORKER_EXIT.final);
  }
  log(
    isModelOpsError(error)
      ? `${error.code}: ${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`
      : `defect: ${error instanceof Error ? error.stack : messageOf(error)}`,
  );
  process.exit(isModelOpsError(error) && FINAL_CODES.includes(error.code) ? WORKER_EXIT.final : 1);
}
