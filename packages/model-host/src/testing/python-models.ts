import type { ChildHostOptions } from '../hosts/child-host.ts';
import type { LoadMessage } from '../hosts/messages.ts';
import type { HostStarter } from '../hosts/model-host.ts';
import { createPythonHosts } from '../hosts/python/python-hosts.ts';
import { makeFiles } from './sources.ts';

export interface PythonSource {
  /** Code before the model. */
  readonly head?: string;
  /** Further arguments of the declaration: `isolation="fresh"`. */
  readonly declared?: string;
  /** The body of `m(x, *, seed, config)`, one line each. */
  readonly simulate: readonly string[];
}

/** A project with one Python model, whose parameter is `x` and whose output is `out`, and hosts that run it. */
export function pythonModel(
  { head = '', declared = '', simulate }: PythonSource,
  options: Partial<ChildHostOptions> = {},
): { readonly hosts: HostStarter; readonly load: LoadMessage; readonly dir: string } {
  const dir = makeFiles({
    'models/m.py': `from modelops import Float, model
${head}
@model(parameters={"x": Float(0, 100, default=1)}, outputs=["out"], ${declared})
def m(x, *, seed, config):
${simulate.map((line) => `    ${line}\n`).join('')}`,
  });
  const hosts = createPythonHosts({
    python: { interpreter: 'python3' },
    cwd: dir,
    timeoutMs: 60_000,
    onOutput: () => undefined,
    ...options,
  });
  const load = { program: 'models/m.py', exportName: 'm', scenario: 'baseline', config: null, outputs: ['out'], targets: [] };
  return { hosts, load, dir };
}
