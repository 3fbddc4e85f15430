// How npm libraries get into the programs. Those in a package's `dependencies` stay imports; all others are bundled, because one file with the
// code that is used loads in a third of the time that Node needs for the many files of installed packages.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Options of the bundler for a program in the package at `folder`. */
export function librariesOf(folder) {
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { plugins: [duckdb, keepImports(Object.keys(dependencies)), lazyCommonJs, commander, zod], banner: requireBanner };
}

/** Keeps imports of the named packages and their subpaths. */
function keepImports(names) {
  const isKept = (path) => names.some((name) => path === name || path.startsWith(`${name}/`));
  return {
    name: 'keep-imports',
    setup: ({ onResolve }) => onResolve({ filter: /^[^./]/ }, ({ path }) => (isKept(path) ? { path, external: true } : undefined)),
  };
}

/** Keeps the named exports of a lazily imported CommonJS library; across chunks the bundler would keep only its default export. */
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

/**
 * Commander starts no programs here, and node:child_process takes 8 ms to load. It reads the process that is global anyway; loading node:process
 * opens the streams of stdin, stdout and stderr, which takes as long.
 */
const commander = {
  name: 'commander',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:(child_process|process)$/ }, ({ path, importer }) =>
      /\/commander\/lib\/command\.js$/.test(importer) ? { path, namespace: 'commander' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'commander' }, ({ path }) => ({
      contents: path === 'node:process' ? 'module.exports = process;' : 'module.exports = {};',
    }));
  },
};

/** Zod compiles a schema when it is first used, which takes longer than to interpret the few documents that a process parses with it. */
const zod = {
  name: 'zod',
  setup({ onLoad }) {
    onLoad({ filter: /\/zod\/v4\/core\/schemas\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const contents = text.replace('const jit = !core.globalConfig.jitless;', 'const jit = false;');
      if (contents === text) throw new Error(`${path}: the switch of zod's compiler is not where it was`);
      return { contents, loader: 'js' };
    });
  },
};

/**
 * DuckDB's loader finds out the machine's C library before it loads the native code, and for that loads node:child_process: 10 ms, a tenth of all that
 * DuckDB takes to load. Package managers install the code that fits, so it is loaded at once, and the loader only asked where that fails.
 */
const duckdb = {
  name: 'duckdb',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@duckdb\/node-bindings$/ }, ({ path, importer }) =>
      /\/@duckdb\/node-api\//.test(importer) ? { path, namespace: 'duckdb' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'duckdb' }, ({ path }) => ({
      contents: `const loader = require.resolve(${JSON.stringify(path)});
const load = process.getBuiltinModule('module').createRequire(loader);
try {
  module.exports = load(\`${path}-\${process.platform}-\${process.arch}/duckdb.node\`);
} catch {
  module.exports = load(loader);
}`,
    }));
  },
};

/** Defines `require` for CommonJS libraries inside an ES module. Node's own modules need no module loader, which takes 6 ms to start. */
const requireBanner = {
  js: `let modelopsRequire;
const require = (id) => process.getBuiltinModule(id) ?? (modelopsRequire ??= process.getBuiltinModule('module').createRequire(import.meta.url))(id);
require.resolve = (id) => (modelopsRequire ??= process.getBuiltinModule('module').createRequire(import.meta.url)).resolve(id);`,
};
