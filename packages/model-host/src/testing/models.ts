import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChildHostOptions, createChildHostStarter } from '../hosts/child-host.ts';
import type { LoadMessage } from '../hosts/messages.ts';
import type { HostStarter } from '../hosts/model-host.ts';
import { programPath } from '../programs.ts';
import { makeFolder } from './sources.ts';

export interface ModelSource {
  /** Code before the model. */
  readonly head?: string;
  /** The body of `simulateTask(values, seed, scenario, config)`. */
  readonly simulate: string;
  readonly outputs?: readonly string[];
  /** The bodies of functions of `columns` and `rows` of the only output, by name. */
  readonly targets?: Readonly<Record<string, string>>;
}

/** A compiled model as in a bundle, for a host to load. */
export function makeModel({ head = '', simulate, outputs = ['out'], targets = {} }: ModelSource): LoadMessage {
  const program = join(makeFolder(), 'model.mjs');
  const exports = Object.entries(targets).map(
    ([name, body]) => `export const ${name} = { evaluate({ outputs }) { const [{ columns, rows }] = Object.values(outputs); ${body} } };`,
  );
  const model = `export const Model = { simulateTask(values, seed, scenario, config) { ${simulate} } };`;
  writeFileSync(program, [head, model, ...exports].join('\n'));
  return {
    program,
    exportName: 'Model',
    scenario: 'baseline',
    config: null,
    outputs,
    targets: Object.keys(targets).map((name) => ({ name, program, exportName: name, files: {} })),
  };
}

/** Starts real Node hosts. */
export function nodeHosts(options: Partial<ChildHostOptions> = {}): HostStarter {
  return createChildHostStarter({
    command: process.execPath,
    args: [programPath('node-host')],
    cwd: makeFolder(),
    timeoutMs: 60_000,
    onOutput: () => undefined,
    ...options,
  });
}
