import { expect, onTestFinished } from 'vitest';
import type { RunMessage } from '../hosts/messages.ts';
import { HostLost, type ModelHost } from '../hosts/model-host.ts';
import type { TaskError } from '../hosts/task-error.ts';
import { type ModelSource, makeModel, nodeHosts } from './models.ts';

/** Starts a real host of a model, in a test; it is stopped after the test. */
export async function startHost(source: ModelSource, options: Parameters<typeof nodeHosts>[0] = {}): Promise<ModelHost> {
  const host = await nodeHosts(options).start(makeModel(source));
  onTestFinished(() => host.kill());
  return host;
}

/** One task for each of the values. */
export const tasksOf = (...values: Record<string, number | string>[]): RunMessage => ({
  values,
  set: values.map((_, at) => at),
  seeds: values.map((_, at) => at),
});

export const ONE_TASK = tasksOf({});

/** The reason why the host was lost before it responded. */
export async function lostTo(answer: Promise<unknown>): Promise<TaskError> {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(HostLost);
  return (error as HostLost).reason;
}
