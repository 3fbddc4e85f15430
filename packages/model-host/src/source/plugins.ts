import type { Plugin } from 'esbuild';
import { SDK_EXPORTS } from './sdk-exports.ts';

const SDK = '@modelops/sdk';
const NAMESPACE = 'modelops-sdk';

/** Whether an input of a compilation, as esbuild names it, is the module of {@link sdkOfHost}. */
export function isSdkInput(input: string): boolean {
  return input.startsWith(`${NAMESPACE}:`);
}

/**
 * Excludes the sdk from programs: its exports are read from the host that loads the program, which provides its own sdk. So a program's digest
 * does not change with the sdk; the sdk's behaviour version is part of the model digest instead.
 */
export function sdkOfHost(): Plugin {
  return {
    name: 'sdk-of-host',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^@modelops\/sdk$/ }, () => ({ path: SDK, namespace: NAMESPACE }));
      onLoad({ filter: /.*/, namespace: NAMESPACE }, () => ({ contents: SDK_MODULE, loader: 'js' }));
    },
  };
}

/** One statement per export, so that a program contains only those that it uses. */
const SDK_MODULE = [
  "const sdk = globalThis[Symbol.for('modelops.sdk')];",
  ...SDK_EXPORTS.map((name) => `export const ${name} = /* @__PURE__ */ (() => sdk.${name})();`),
].join('\n');

export function refuseAddons(): Plugin {
  return {
    name: 'refuse-addons',
    setup({ onResolve }) {
      onResolve({ filter: /\.node$/ }, ({ path }) => ({ errors: [{ text: `${path} ${WHY_NO_ADDON}` }] }));
    },
  };
}

export const WHY_NO_ADDON =
  'is a native addon, which is built for one platform, and workers may run on another: use a library without native addons';
