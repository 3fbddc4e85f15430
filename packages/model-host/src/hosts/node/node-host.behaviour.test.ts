import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readProgram } from '../../source/program.ts';
import { BEHAVIOURS, describeModelHost } from '../../testing/describe-model-host.ts';
import { makeFiles } from '../../testing/sources.ts';
import { createNodeHosts } from '../child-host.ts';

const MODEL = `import { spawn } from 'node:child_process';
import { choice, defineModel, int } from '@modelops/sdk';

const table = (value: number, text: string) => ({ out: { value: [value], text: [text] } });

export const M = defineModel({
  parameters: { what: choice(${JSON.stringify(BEHAVIOURS)}), size: int(0, 2 ** 40) },
  outputs: ['out'],
  simulate: ({ what, size }, { seed }) => {
    const held: Buffer[] = [];
    switch (what) {
      case 'normal': return table(size + Number(seed) / 7, 'x');
      case 'payload': return table(0, 'x'.repeat(size));
      case 'prints':
        for (const stream of [process.stdout, process.stderr]) for (let left = size; left > 0; left -= 65536) stream.write('x'.repeat(65536));
        return table(0, 'x');
      case 'forks': return table(0, String(spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' }).pid));
      case 'hangs': for (;;);
      case 'segfaults': process.kill(process.pid, 'SIGSEGV'); for (;;);
      case 'allocates': for (let left = size; left > 0; left -= 2 ** 24) held.push(Buffer.alloc(2 ** 24, 1)); return table(held.length, 'x');
      case 'exits': process.exit(0);
      case 'nan': return table(Number.NaN, 'x');
      case 'ragged': return { out: { value: [1, 2], text: ['x'] } };
      case 'types': return { out: { value: [1, 'x'], text: ['x', 'y'] } };
      default: return undefined;
    }
  },
});
`;

describeModelHost('a TypeScript model', {
  async open(options) {
    const dir = makeFiles({ 'm.ts': MODEL });
    const program = join(dir, 'm.mjs');
    writeFileSync(program, (await readProgram({ projectDir: dir, source: 'm.ts:M' })).code!);
    return {
      hosts: createNodeHosts({ cwd: dir, timeoutMs: 60_000, onOutput: () => undefined, ...options }),
      load: { program, exportName: 'M', scenario: 'baseline', config: null, outputs: ['out'], targets: [] },
    };
  },
  exits: { kind: 'crash', type: 'Exit', endsHost: true },
  messages: {
    ragged: 'output out has columns of unequal length',
    types: 'column value of output out has a string in row 1 among numbers',
    nothing: 'simulate returned undefined, not tables by output name',
  },
});
