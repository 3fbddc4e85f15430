import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { compileProgram } from '../../source/compile-program.ts';
import { buildPrograms } from '../../testing/build-programs.ts';
import { makeFolder, writeFiles } from '../../testing/sources.ts';
import { createSourceFrames } from './source-frames.ts';

beforeAll(buildPrograms);

const MODEL = `import { defineModel, float } from '@modelops/sdk';
import { check } from '../lib/check.ts';

interface Unused {
  readonly x: number;
}

export const Fails = defineModel({
  parameters: { x: float(0, 1) },
  outputs: ['y'],
  simulate: ({ x }) => ({ y: { v: [check(x)] } }),
});
`;
const CHECK = `// a comment that is not compiled
export function check(x: number): number {
  if (x > 2) return x;
  throw new RangeError(\`x is \${x}\`);
}
`;

it('shows the model’s own files and lines instead of the compiled program', async () => {
  const projectDir = makeFolder();
  writeFiles(projectDir, { 'models/fails.ts': MODEL, 'lib/check.ts': CHECK });
  const { code, map } = await compileProgram({ projectDir, source: 'models/fails.ts:Fails' });
  const folder = mkdtempSync(join(projectDir, 'com piled-'));
  const [program, mapFile] = [join(folder, 'p.mjs'), join(folder, 'p.mjs.map')];
  writeFileSync(program, code);
  writeFileSync(mapFile, map);
  const line =
    new TextDecoder()
      .decode(code)
      .split('\n')
      .findIndex((text) => text.includes('throw new RangeError')) + 1;
  const trace = `RangeError: x is 1\n    at check (${pathToFileURL(program).href}:${line}:9)\n    at other (${program}:${line}:9)\n    at ${program}:1:1`;
  const framesOf = createSourceFrames([{ program, map: mapFile }, { program: '/elsewhere/q.mjs' }]);
  expect(framesOf(trace)).toBe(
    `RangeError: x is 1\n    at check (lib/check.ts:4:9)\n    at other (lib/check.ts:4:9)\n    at ${program}:1:1`,
  );
  rmSync(mapFile);
  expect(createSourceFrames([{ program, map: mapFile }])(trace)).toBe(trace);
});
