import type { Reporter } from '@modelops/cli-kit';
import type { BundleEnvironment, Owner } from '@modelops/contracts';
import type { Stores } from '@modelops/worker';
import type { Engine } from './engines/engine.ts';
import type { InfraDeps } from './infra/infra-deps.ts';

/** An environment with its stores and engine, opened for one command. */
export interface OpenEnvironment {
  readonly name: string;
  readonly environment: BundleEnvironment;
  readonly stores: Stores;
  readonly engine: Engine;
  /** This machine, home and process: who submits. */
  readonly machine: Owner;
  readonly cacheDir: string;
}

/** The external dependencies of a mops command; only `main.ts` chooses the implementations. */
export interface MopsDeps extends InfraDeps {
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  readonly cwd: string;
  readonly readStdin: () => Promise<string>;
  /** Kills the process once the command's output is written, because a library call cannot be interrupted. */
  readonly abandon: () => void;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  /** Ends early when `until` is aborted. */
  readonly sleep: (milliseconds: number, until?: AbortSignal) => Promise<void>;
  /**
   * Opens the named environment; without a name the project's (`.modelops-bundle/env`), else `local`. Bad packs are quarantined only where `repairs`
   * is set: a command that shows something writes nothing. @throws ENVIRONMENT_NOT_FOUND
   */
  open(name: string | undefined, options?: { readonly repairs?: boolean }): Promise<OpenEnvironment>;
}
