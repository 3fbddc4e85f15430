import type { Python } from '../environment/interpreter.ts';
import { hostOf, type ProgramHost } from '../source/program.ts';
import { createCommandHosts, createNodeHosts } from './child-host.ts';
import { createDebuggedHosts } from './debugged-hosts.ts';
import type { LoadMessage } from './messages.ts';
import { type HostStarter, LoadFailed, type ModelHost } from './model-host.ts';
import { createPythonHosts } from './python/python-hosts.ts';

export interface ModelHostsOptions {
  /** The kind of host that runs the model. */
  readonly host: ProgramHost;
  /** The folder that the model runs in. */
  readonly view: string;
  /** The folder that Python targets run in: the bundle's files, with the sources of compiled programs. */
  readonly bundleDir: string;
  /** Called if the model or a target needs Python. */
  readonly python: () => Promise<Python>;
  /** Time limit of one task or evaluation. */
  readonly timeoutMs: number;
  readonly onOutput: (text: string) => void;
  /** Stops each model in a debugger at its first line, on the terminal of this process and without a time limit. Default: false. */
  readonly debugger?: boolean;
  /** Absolute path of a command model's scratch folder, which is kept. Default: a temporary folder that is removed. */
  readonly keptScratch?: string | undefined;
}

/**
 * Hosts of a model and targets in any language. A compiled target is evaluated by the process that runs a compiled model; all
 * others by a second process, which starts with the first evaluation. Neither process sees the other's files.
 */
export async function createModelHosts(options: ModelHostsOptions, load: LoadMessage): Promise<HostStarter> {
  const { host, view, bundleDir, timeoutMs, onOutput } = options;
  if (options.debugger === true) return createDebuggedHosts(options);
  const languages = new Set([host, ...load.targets.map(({ program }) => hostOf(program))]);
  const python = languages.has('python') ? await options.python() : undefined;
  const starterIn = (language: ProgramHost, cwd: string): HostStarter => {
    switch (language) {
      case 'node':
        return createNodeHosts({ cwd, timeoutMs, onOutput });
      case 'python':
        return createPythonHosts({ cwd, python: python!, timeoutMs, onOutput });
      case 'command':
        return createCommandHosts({ cwd, timeoutMs, onOutput, keptScratch: options.keptScratch });
    }
  };
  const models = starterIn(host, view);
  /** By what they load: the hosts of a starter are forks that share one import. */
  const others = new Map<string, HostStarter>();
  const targetStarter = (language: ProgramHost, target?: string) => {
    const starter = others.get(hostKey(language, target)) ?? starterIn(language, bundleDir);
    others.set(hostKey(language, target), starter);
    return starter;
  };
  return {
    ...(models.largestBatch === undefined ? {} : { largestBatch: models.largestBatch }),
    async start(message) {
      const isOwn = (target: LoadMessage['targets'][number]) => host === 'node' && hostOf(target.program) === 'node';
      const model = await models.start({ ...message, targets: message.targets.filter(isOwn) });
      if (message.targets.every(isOwn)) return model;
      const languageOf = new Map(message.targets.filter((one) => !isOwn(one)).map(({ name, program }) => [name, hostOf(program)]));
      return withTargetHosts(model, languageOf, (language, target) =>
        targetStarter(language, target).start({
          ...message,
          program: '',
          targets: message.targets.filter(({ name }) => (target === undefined ? languageOf.get(name) === language : name === target)),
        }),
      );
    },
  };
}

function hostKey(language: ProgramHost, target: string | undefined): string {
  return target === undefined ? language : `${language} ${target}`;
}

/**
 * A model's host that delegates some targets to other hosts, which live as long as it does: one for each language, and if that host ends while it loads
 * its targets, one for each target, so that the failure is that of the target that causes it.
 */
function withTargetHosts(
  model: ModelHost,
  languageOf: ReadonlyMap<string, ProgramHost>,
  start: (language: ProgramHost, target?: string) => Promise<ModelHost>,
): ModelHost {
  const started = new Map<string, Promise<ModelHost>>();
  const running = new Set<ModelHost>();
  let isKilled = false;
  const startOther = async (language: ProgramHost, target?: string) => {
    const host = await start(language, target);
    running.add(host);
    if (isKilled) await host.kill();
    return host;
  };
  const hostIn = (language: ProgramHost, target?: string) => {
    const host = started.get(hostKey(language, target)) ?? startOther(language, target);
    started.set(hostKey(language, target), host);
    return host;
  };
  return {
    residentBytes: () => [model, ...running].reduce((sum, host) => sum + host.residentBytes(), 0),
    run: model.run,
    async evaluate(target, outputs) {
      const language = languageOf.get(target);
      if (language === undefined) return model.evaluate(target, outputs);
      try {
        const host = await hostIn(language).catch((error: unknown) => {
          if (error instanceof LoadFailed) return hostIn(language, target);
          throw error;
        });
        return await host.evaluate(target, outputs);
      } catch (error) {
        if (error instanceof LoadFailed) return { error: error.reason };
        throw error;
      }
    },
    async kill(reason) {
      isKilled = true;
      await Promise.all([model, ...running].map((host) => host.kill(reason)));
    },
  };
}
