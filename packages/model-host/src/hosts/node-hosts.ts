import { programPath } from '../programs.ts';
import { type ChildHostOptions, createChildHostStarter } from './child-host.ts';
import type { HostStarter } from './model-host.ts';

export type NodeHostsOptions = Omit<ChildHostOptions, 'command' | 'args'>;

/** Hosts of compiled JavaScript programs, each a process of this Node version. */
export function createNodeHosts(options: NodeHostsOptions): HostStarter {
  return createChildHostStarter({ ...options, command: process.execPath, args: [programPath('node-host')] });
}
