import inspector from 'node:inspector';
import * as sdk from '@modelops/sdk';

// Provides the sdk to compiled programs, see source/plugins.ts. Must be imported before a program is loaded.
const value = process.env.MODELOPS_DEBUGGER === '1' ? stoppingSdk() : sdk;
Object.defineProperty(globalThis, Symbol.for('modelops.sdk'), { value });

/** The sdk with a `defineModel` whose models open the inspector on 127.0.0.1, wait for a debugger, and stop at their first line. */
function stoppingSdk(): typeof sdk {
  const defineModel = (spec: Parameters<typeof sdk.defineModel>[0]) =>
    sdk.defineModel({ ...spec, simulate: (...given) => stopping(spec.simulate)(...given) });
  return { ...sdk, defineModel: defineModel as typeof sdk.defineModel };
}

/** Sets a breakpoint at the function, where an attached debugger stops. */
function stopping<F>(simulate: F): F {
  if (inspector.url() !== undefined) return simulate;
  inspector.open(0, '127.0.0.1');
  const session = new inspector.Session();
  session.connect();
  session.post('Debugger.enable');
  const held = globalThis as { __simulate?: F };
  held.__simulate = simulate;
  // `debug` of the command line API is the only way to set a breakpoint at a function of unknown source.
  session.post('Runtime.evaluate', { expression: 'debug(__simulate)', includeCommandLineAPI: true });
  delete held.__simulate;
  const [, port] = /:(\d+)\//.exec(inspector.url()!)!;
  process.stderr.write(`waiting for a debugger: run node inspect 127.0.0.1:${port}, or open chrome://inspect\n`);
  inspector.waitForDebugger();
  return simulate;
}
