import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs kubectl and returns stdout. */
export async function kubectl(...args: string[]): Promise<string> {
  return (await run('kubectl', args, { maxBuffer: 64 << 20 })).stdout;
}

export async function kubectlJson<T>(...args: string[]): Promise<T> {
  return JSON.parse(await kubectl(...args, '--output', 'json')) as T;
}

export async function kubectlApply(object: object): Promise<void> {
  await kubectlInput(['apply', '--filename', '-'], object);
}

/** Evicts a pod like `kubectl drain`: with the grace period, and marked as disrupted. */
export async function evict(name: string, namespace: string): Promise<void> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
  await kubectlInput(['create', '--raw', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, '--filename', '-'], eviction);
}

async function kubectlInput(args: readonly string[], object: object): Promise<void> {
  const child = run('kubectl', args);
  child.child.stdin?.end(JSON.stringify(object));
  await child;
}

/** Polls until the value meets the condition. @throws with the last value after the timeout */
export async function until<T>(poll: () => Promise<T>, isWanted: (value: T) => boolean, seconds = 240): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; ) {
    const started = Date.now();
    const value = await poll();
    if (isWanted(value)) return value;
    if (Date.now() > end) throw new Error(`not within ${seconds} s; last value: ${JSON.stringify(value)}`);
    // Polling takes CPU time from the pods: at most a third.
    await pause(Math.max(200, 2 * (Date.now() - started)));
  }
}
