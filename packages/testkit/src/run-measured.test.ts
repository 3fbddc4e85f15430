import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runMeasured } from './run-measured.ts';

it('measures the memory of the process itself, not that of the process that started it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'modelops-measured-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, 'program.mjs');
  writeFileSync(program, 'const held = Buffer.alloc(Number(process.argv[2]) * 1e6, 1); console.log(held.byteLength);');
  const held = Buffer.alloc(400e6, 1);
  const small = await runMeasured(program, ['1']);
  expect(small).toMatchObject({ status: 0, stdout: '1000000\n', stderr: '' });
  expect(small.megabytes).toBeLessThan(200);
  expect((await runMeasured(program, ['300'])).megabytes).toBeGreaterThan(300);
  expect(held.byteLength).toBe(400e6);
});
