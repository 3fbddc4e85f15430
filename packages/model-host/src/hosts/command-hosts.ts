import { programPath } from '../programs.ts';
import { type ChildHostOptions, createChildHostStarter } from './child-host.ts';
import type { HostStarter } from './model-host.ts';

export type CommandHostsOptions = Omit<ChildHostOptions, 'command' | 'args' | 'hasScratch'>;

/**
 * Hosts of command models: each a process that starts the model's command for every task, in a scratch folder that is removed after it. A batch is one
 * task, so that a command which ends its host costs no other task its result.
 */
export function createCommandHosts(options: CommandHostsOptions): HostStarter {
  const starter = createChildHostStarter({ ...options, command: process.execPath, args: [programPath('command-host')], hasScratch: true });
  return { ...starter, largestBatch: 1 };
}
