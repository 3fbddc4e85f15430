import { availableParallelism, hostname } from 'node:os';
import { WORKER_EXIT } from '@modelops/contracts';
import { openRotatedLog } from '@modelops/system';
import { readWorkerEnvironment, removeSecrets } from './environment.ts';
import { createJob, readPlan } from './job-context.ts';
import { openHosts } from './open-hosts.ts';
import { openStores } from './open-stores.ts';
import { runWorker } from './run-worker.ts';
import { makeTaskIds } from './task-ids.ts';
import { readArguments, USAGE, type WorkerArguments } from './worker-arguments.ts';
import { describeFailure } from './worker-end.ts';

let write = (text: string): void => void process.stderr.write(text);
const log = (line: string) => write(`${new Date().toISOString()} ${line}\n`);

/** Works until no chunk is left to claim. Returns the exit status. */
async function work({ job: id, attempt, index, slots, log: file }: WorkerArguments): Promise<number> {
  if (file !== undefined) write = openRotatedLog(file);
  const stop = new AbortController();
  process.on('SIGTERM', () => {
    log('SIGTERM: writing finished results');
    stop.abort();
  });
  // By default SIGUSR1 opens the debugger, through which a model could read this process.
  process.on('SIGUSR1', () => log('ignored SIGUSR1'));
  const { environment, cacheDir } = await readWorkerEnvironment(process.env);
  const stores = await openStores(environment, {
    cacheDir,
    onBadPack: ({ pack, reason }) => log(`bad pack ${pack} quarantined: ${reason}`),
  });
  const job = createJob(await stores.registry.spec(id, { attempt }));
  const plan = await readPlan(stores.objects, id, attempt);
  // A worker alone needs the ids of all tasks.
  if (plan.width === 1) void makeTaskIds(job);
  const { hosts, load } = await openHosts(job, { environment, cacheDir, onOutput: (text) => write(text) });
  await removeSecrets(process.env);
  const name = `${hostname()}/${index}`;
  const chunks = await runWorker({ job, plan, index, slots, name, load, hosts, signal: stop.signal, log }, stores);
  log(`worker ${index}: ${chunks} chunks`);
  return stop.signal.aborted ? WORKER_EXIT.stopped : 0;
}

async function main(): Promise<number> {
  const parsed = readArguments(process.argv.slice(2), { env: process.env, cores: availableParallelism() });
  if (parsed !== 'help') return work(parsed);
  process.stdout.write(`${USAGE}\n`);
  return 0;
}

try {
  process.exit(await main());
} catch (error) {
  const { message, status } = describeFailure(error);
  log(message);
  process.exit(status);
}
