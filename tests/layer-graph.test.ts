import { describe, expect, it } from 'vitest';
import { importsOf, layerViolations } from './layer-graph.ts';

const entries = new Map([
  ['@modelops/contracts', 'packages/contracts/src/index.ts'],
  ['@modelops/worker', 'packages/worker/src/index.ts'],
  ['@modelops/worker/hosts', 'packages/worker/src/hosts.ts'],
  ['@modelops/bundle', 'packages/bundle/src/index.ts'],
]);

function violations(allowed: readonly string[], files: Record<string, string>): string[] {
  const sources = new Map(Object.entries(files).map(([file, text]) => [`packages/${file}`, text]));
  return layerViolations('cb-cli', allowed, { sources, entries });
}

describe('layerViolations', () => {
  it.each([
    ['a named import', "import { push } from '@modelops/bundle';"],
    ['an import over several lines', "import {\n  push,\n} from '@modelops/bundle';"],
    ['an import of types', "import type { Push } from '@modelops/bundle';"],
    ['an import for its effects', "import '@modelops/bundle';"],
    ['a re-export', "export * from '@modelops/bundle';"],
    ['a lazy import', "const { push } = await import('@modelops/bundle');"],
    ['a subpath', "import { describe } from '@modelops/bundle/describe';"],
    ['a path into another package', "import { push } from '../../bundle/src/index.ts';"],
  ])('finds %s of a package that is not allowed', (_, text) => {
    expect(violations(['contracts'], { 'cb-cli/src/main.ts': text })).toEqual([expect.stringMatching(/^cb-cli reaches bundle: /)]);
  });

  it.each([
    ['re-exports', "export { describe } from '@modelops/bundle';"],
    ['imports and exports', "import { describe } from '@modelops/bundle';\nexport { describe };"],
    ['wraps', "import { describe as d } from '@modelops/bundle';\nexport const describe = () => d();"],
  ])('finds one that an allowed package %s', (_, text) => {
    expect(
      violations(['worker'], {
        'cb-cli/src/main.ts': "import { describe } from '@modelops/worker/hosts';",
        'worker/src/hosts.ts': "export * from './inner.ts';",
        'worker/src/inner.ts': text,
      }),
    ).toEqual([
      'cb-cli reaches bundle: packages/cb-cli/src/main.ts → packages/worker/src/hosts.ts → packages/worker/src/inner.ts → @modelops/bundle',
    ]);
  });

  it('accepts allowed imports, imports only of other entries of a package, and imports of tests', () => {
    expect(
      violations(['contracts', 'worker'], {
        'cb-cli/src/main.ts': "import { parse } from '@modelops/contracts';\nimport { describe } from '@modelops/worker/hosts';",
        'cb-cli/src/main.test.ts': "import { push } from '@modelops/bundle';",
        'worker/src/hosts.ts': 'export const describe = 1;',
        'worker/src/index.ts': "export * from '@modelops/bundle';",
      }),
    ).toEqual([]);
  });
});

describe('importsOf', () => {
  it('ignores templates and comments', () => {
    expect(importsOf("// import x from 'a';\n/** from 'b' */\nconst model = `import { y } from 'c';`;\nimport z from 'd';")).toEqual(['d']);
  });
});
