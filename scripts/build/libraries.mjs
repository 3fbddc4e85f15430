// How npm libraries come into the programs. What a package names in `dependencies` stays an import; every other library is inlined, since one
// file of what is used loads in a third of the time that Node takes for the many files of what is installed.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What the bundler is told for a program that ships in the package at `folder`. */
export function librariesOf(folder) {
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { plugins: [keepImports(Object.keys(dependencies)), lazyCommonJs], banner: requireBanner };
}

/** Leaves the named packages and their subpaths imports. */
function keepImports(names) {
  const isKept = (path) => names.some((name) => path === name || path.startsWith(`${name}/`));
  return {
    name: 'keep-imports',
    setup: ({ onResolve }) => onResolve({ filter: /^[^./]/ }, ({ path }) => (isKept(path) ? { path, external: true } : undefined)),
  };
}

/** Keeps the names that a CommonJS library exports where it is imported lazily: across a split the bundler would keep its default alone. */
const lazyCommonJs = {
  name: 'lazy-common-js',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || path.startsWith('node:') || path.startsWith('@modelops/') || pluginData === 'resolved')
        return undefined;
      const found = await resolve(path, { kind, resolveDir, pluginData: 'resolved' });
      if (found.external || !isCommonJs(found.path)) return found;
      return { path: found.path, namespace: 'lazy-common-js', pluginData: resolveDir };
    });
    onLoad({ filter: /.*/, namespace: 'lazy-common-js' }, ({ path, pluginData }) => {
      const names = Object.keys(createRequire(import.meta.url)(path)).filter((name) => name !== 'default');
      const contents = `import library from ${JSON.stringify(path)};\nexport const { ${names.join(', ')} } = library;\nexport default library;`;
      return { contents, resolveDir: pluginData };
    });
  },
};

function isCommonJs(file) {
  return !file.endsWith('.mjs') && !/^(import|export)\b/m.test(readFileSync(file, 'utf8'));
}

/** CommonJS libraries inside an ES module expect `require`. */
const requireBanner = {
  js: "import { createRequire as modelopsCreateRequire } from 'node:module';\nconst require = modelopsCreateRequire(import.meta.url);",
};
