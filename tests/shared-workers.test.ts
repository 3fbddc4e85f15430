import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;

const sources = ['packages', 'tests'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/(^|\/)(node_modules|dist)\//.test(file))
    .map((file) => ({ file: join(folder, file), text: readFileSync(join(root, folder, file), 'utf8') })),
);
const filesWith = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file);

/** Test files that run in one worker share its modules (`isolate: false` in vitest.config.ts). What they change in its process is checked after each, by vitest.shared-process.ts. */
describe('tests that share modules', () => {
  it('replace and reload none of them', () => {
    expect(filesWith(/\bvi\s*\.(mock|unmock|doMock|doUnmock|hoisted|resetModules)\(/)).toEqual([]);
  });

  it('register no hooks in a module that is loaded once for all of them', () => {
    expect(filesWith(/^(before|after)(All|Each)\(/m).filter((file) => !file.endsWith('.test.ts'))).toEqual([]);
  });
});
