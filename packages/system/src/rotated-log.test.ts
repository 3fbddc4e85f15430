import { appendFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openRotatedLog, readRotatedLog } from './rotated-log.ts';

const dir = mkdtempSync(join(tmpdir(), 'modelops-log-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let logs = 0;
const newLog = () => join(dir, `${logs++}.log`);
const textsOf = (file: string) => [...readRotatedLog(file)].map(({ text }) => text);

describe('a rotated log', () => {
  it('keeps at most two parts, and always the last lines', () => {
    const file = newLog();
    const write = openRotatedLog(file, 1000);
    for (let n = 0; n < 1000; n++) write(`line ${n}\n`);
    write(`${'x'.repeat(5000)}\n`);
    write('last\n');
    for (const one of [file, `${file}.1`]) expect(statSync(one).size).toBeLessThanOrEqual(1000);
    expect(textsOf(file).at(-1)).toBe('last');
  });

  it('numbers its parts, also after a restart of its writer, and never gives a line two numbers', () => {
    const file = newLog();
    const places = new Map<string, number>();
    for (let n = 0; n < 60; n++) {
      openRotatedLog(file, 100)(`line ${n}\n`);
      for (const { part, text } of readRotatedLog(file)) {
        if (text.startsWith('line')) expect(places.get(text) ?? part).toBe(part);
        places.set(text, part);
      }
    }
    expect(Math.max(...places.values())).toBeGreaterThan(4);
    expect(places.get('line 59')).toBe(Math.max(...places.values()));
  });

  it('contains lines that another process appends to the file', () => {
    const file = newLog();
    const write = openRotatedLog(file);
    write('ours\n');
    appendFileSync(file, 'FATAL ERROR: out of memory\n');
    write('ours again\n');
    expect(textsOf(file)).toEqual(['ours', 'FATAL ERROR: out of memory', 'ours again']);
  });

  it('reads whole characters, skips blank lines, marks an unfinished line, and reads long lines in pieces', () => {
    const file = newLog();
    appendFileSync(file, `\n\n${'é'.repeat(100_000)}\nunfinished`);
    const texts = textsOf(file);
    expect(texts.slice(0, -1).join('')).toBe('é'.repeat(100_000));
    expect(Math.max(...texts.map(({ length }) => length))).toBeLessThan(140_000);
    expect([...readRotatedLog(file)].filter(({ isUnfinished }) => isUnfinished)).toEqual([
      { part: 0, text: 'unfinished', isUnfinished: true },
    ]);
  });

  it('has no lines if there is no file', () => {
    expect(textsOf(newLog())).toEqual([]);
  });

  it.skipIf(!existsSync('/dev/full'))('does not throw if nothing can be written (skipped without /dev/full)', () => {
    expect(() => openRotatedLog('/dev/full')('lost\n')).not.toThrow();
  });
});
