import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

export const SDK = '@modelops/sdk';

/** The copy of the sdk that is shipped with this program: for projects that have not installed it. */
export function shippedSdk(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith('.ts') ? '../../../sdk/dist/index.js' : './sdk.js', here));
}

/** A project that has not installed the sdk gets the copy beside this program. */
export function sdkFallback(): Plugin {
  return {
    name: 'sdk-fallback',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^@modelops\/sdk$/ }, async ({ path, resolveDir, kind, pluginData }) => {
        if (pluginData === SDK) return undefined;
        const own = await resolve(path, { resolveDir, kind, pluginData: SDK });
        return own.errors.length === 0 ? own : { path: shippedSdk() };
      });
    },
  };
}

export function refuseAddons(): Plugin {
  return {
    name: 'refuse-addons',
    setup({ onResolve }) {
      onResolve({ filter: /\.node$/ }, ({ path }) => ({ errors: [{ text: `${path} ${WHY_NO_ADDON}` }] }));
    },
  };
}

export const WHY_NO_ADDON = 'is a native addon: it is built for one kind of machine, and workers may be another; use a library without one';
