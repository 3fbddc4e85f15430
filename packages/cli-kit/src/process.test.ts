import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

const here = dirname(fileURLToPath(import.meta.url));
/** Characters: more than pipes hold. */
const FILLING = 4 * 2 ** 20;
const NOTES = 400;
let program: string;

/** A real program of this package, bundled like the others. */
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cli-kit-'));
  program = join(folder, 'program.mjs');
  symlinkSync(join(here, '..', 'node_modules'), join(folder, 'node_modules'));
  await build({
    stdin: {
      resolveDir: here,
      loader: 'ts',
      contents: `
        import { processIo, runProgram } from './index.ts';
        const load = async () => {
          const { z } = await import('zod');
          const command = (name, run, human = () => 'done') =>
            ({ name, summary: name, examples: [], args: z.object({}), options: z.object({}), schema: 'x/v1', run, human });
          return {
            pour: command('pour', () => ({}), function* () { for (;;) yield 'line\\n'.repeat(1000); }),
            draw: command('draw', async (_, { reporter }) => {
              const progress = await reporter.progress();
              for (const done of [1, 2, 3]) progress.update({ done, total: 4 });
              progress.finish();
              return {};
            }, (_, { color }) => color.bold('heading')),
            fill: command('fill', (_, { reporter }) => { setTimeout(() => reporter.note('waiting'), 1); return {}; }, () => 'a'.repeat(${FILLING - 1})),
            tell: command('tell', async (_, { reporter }) => {
              for (let n = 0; n < ${NOTES}; n++) {
                reporter.note(String(n).padEnd(5_000, '.'));
                await new Promise(setImmediate);
              }
              return {};
            }),
            wait: command('wait', (_, { reporter, signal }) => new Promise((resolve) => {
              const timer = setInterval(() => undefined, 1000);
              signal.addEventListener('abort', () => { clearInterval(timer); resolve({}); });
              reporter.note('waiting');
            })),
          };
        };
        process.exitCode = await runProgram({
          name: 'p', summary: 'P', version: '1',
          commands: ['draw', 'fill', 'pour', 'tell', 'wait'].map((name) => ({ name, summary: name, load: async () => (await load())[name] })),
          argv: process.argv.slice(2), io: processIo(), deps: (context) => context,
        });`,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['modelops-source'],
    external: ['zod', 'commander', 'log-update'],
    outfile: program,
    logLevel: 'silent',
  });
});

/** Runs a program with a non-blocking output. */
const nonBlocking = (fd: number) => `import os, sys; os.set_blocking(${fd}, False); os.execv(sys.argv[1], sys.argv[1:])`;

describe('a program as a process', () => {
  it.runIf(existsSync('/dev/full'))('reports a full disk behind its output, not a defect', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [program, 'pour'], { stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    const [errors, [status]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
    expect(status).toBe(5);
    expect(errors).toMatch(/^error: cannot write the output\nbecause: ENOSPC/);
    expect(errors).not.toContain('defect');
  });

  it('ends without a message and with status 0 when the reader of its output closes it', async () => {
    const child = spawn(process.execPath, [program, 'pour']);
    const errors = text(child.stderr);
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await errors).toBe('');
  });

  it('writes everything to a full pipe that another program made non-blocking', async () => {
    const child = spawn('python3', ['-c', nonBlocking(1), process.execPath, program, 'fill']);
    // Nothing is read until the program has met the full pipe.
    await once(child.stderr, 'data');
    const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect(status).toBe(0);
    expect(output.length).toBe(FILLING);
  });

  it('keeps the order of messages where a slow reader has made its pipe non-blocking', async () => {
    const child = spawn('python3', ['-c', nonBlocking(2), process.execPath, program, 'tell']);
    const lines = (await text(child.stderr)).trimEnd().split('\n');
    expect(lines.map((line) => line.length).filter((length) => length !== 5_000)).toEqual([]);
    expect(lines.map(Number.parseFloat)).toEqual(Array.from({ length: NOTES }, (_, n) => n));
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('cleans up and ends with status 130 at %s', async (signal) => {
    const child = spawn(process.execPath, [program, 'wait']);
    const output = text(child.stdout);
    await once(child.stderr, 'data');
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([130, null]);
    expect(await output).toBe('');
  });

  it('writes no escape sequence to a dumb terminal, and some to another one', async () => {
    const pty = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';
    const run = (TERM: string, word: string) =>
      text(spawn('python3', ['-c', pty, process.execPath, program, word], { env: { PATH: process.env.PATH, TERM } }).stdout);
    const [drawn, failed, coloured] = [await run('dumb', 'draw'), await run('dumb', 'no-such-command'), await run('xterm', 'draw')];
    expect(drawn).toMatch(/3 \/ 4[\s\S]*heading/);
    expect(failed).toContain('error: ');
    expect(`${drawn}${failed}`).not.toContain('\x1b');
    expect(coloured).toContain('\x1b');
  });
});
