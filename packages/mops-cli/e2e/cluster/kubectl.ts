import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a user would type; returns stdout. */
export async function kubectl(...args: string[]): Promise<string> {
  return (await run('kubectl', args, { maxBuffer: 64 << 20 })).stdout;
}

export async function kubectlJson<T>(...args: string[]): Promise<T> {
  return JSON.parse(await kubectl(...args, '--output', 'json')) as T;
}

export async function kubectlApply(object: object): Promise<void> {
  await kubectlInput(['apply', '--filename', '-'], object);
}

/** Asks for a pod to go as a node that is drained does: with the grace time, and marked as disrupted. */
export async function evict(name: string, namespace: string): Promise<void> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
  await kubectlInput(['create', '--raw', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, '--filename', '-'], eviction);
}

async function kubectlInput(args: readonly string[], object: object): Promise<void> {
  const child = run('kubectl', args);
  child.child.stdin?.end(JSON.stringify(object));
  await child;
}

/** Looks until what is seen is wanted. @throws with the last thing seen when it takes longer than what is given. */
export async function until<T>(look: () => Promise<T>, isWanted: (seen: T) => boolean, seconds = 240): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; ) {
    const started = Date.now();
    const seen = await look();
    if (isWanted(seen)) return seen;
    if (Date.now() > end) throw new Error(`not within ${seconds} s; last seen: ${JSON.stringify(seen)}`);
    // Looking costs a core that the pods need: at most a third of the time.
    await pause(Math.max(200, 2 * (Date.now() - started)));
  }
}
