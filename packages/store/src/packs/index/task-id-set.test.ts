import { sha256Hex, type TaskId } from '@modelops/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TaskIdSet } from './task-id-set.ts';

/** Includes ids that share their first word, or all but their last digit. */
const taskId = fc
  .oneof(
    fc.nat(500).map((n) => sha256Hex(`task ${n}`)),
    fc.nat(40).map((n) => `deadbeef${sha256Hex(`tail ${n}`).slice(8)}`),
    fc.integer({ min: 1, max: 15 }).map((n) => `${'f'.repeat(63)}${n.toString(16)}`),
    fc.integer({ min: 1, max: 15 }).map((n) => `${'0'.repeat(63)}${n.toString(16)}`),
  )
  .map((hex) => hex as TaskId);

describe('TaskIdSet', () => {
  it('contains what a Set of the same ids contains', () =>
    fc.assert(
      fc.property(fc.array(taskId, { maxLength: 1500, size: 'max' }), fc.array(taskId), (added, others) => {
        const [set, expected] = [new TaskIdSet(), new Set(added)];
        for (const id of added) set.add(id);
        expect(set.size).toBe(expected.size);
        for (const id of [...others, ...added]) {
          expect(set.has(id)).toBe(expected.has(id));
        }
        const words = Uint32Array.from([...others, ...added].join('').match(/.{8}/g) ?? [], (word) => Number.parseInt(word, 16));
        [...others, ...added].forEach((id, n) => {
          expect(set.hasWords(words, n)).toBe(expected.has(id));
        });
      }),
    ));

  it('numbers ids in order of insertion, from text and from bytes', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(taskId, { maxLength: 40 }), fc.boolean()), { maxLength: 20 }), (parts) => {
        const [set, numbers] = [new TaskIdSet(), new Map<TaskId, number>()];
        for (const [ids, isText] of parts) {
          for (const id of ids) if (!numbers.has(id)) numbers.set(id, numbers.size);
          const bytes = new DataView(new TextEncoder().encode(`...${ids.join('')}`).buffer);
          const starts = Int32Array.from(ids, (_, at) => 3 + 64 * at);
          const given = isText ? ids.map((id) => set.add(id)) : [...set.addMany(bytes, starts)];
          expect(given).toEqual(ids.map((id) => numbers.get(id)));
        }
        for (const [id, number] of numbers) expect(set.indexOf(id)).toBe(number);
      }),
    ));

  it('refuses an invalid id', () => {
    expect(() => new TaskIdSet().has('ab' as TaskId)).toThrow(/not a task id/);
  });

  it.each([716, 717, 1024, 5000])('accepts %d ids at once, and the same again', (count) => {
    const [set, ids] = [new TaskIdSet(), Array.from({ length: count }, (_, n) => sha256Hex(`${n}`) as TaskId)];
    const bytes = new DataView(new TextEncoder().encode(ids.join('')).buffer);
    const starts = Int32Array.from(ids, (_, n) => 64 * n);
    for (let time = 0; time < 2; time++) expect([...set.addMany(bytes, starts)]).toEqual(ids.map((_, n) => n));
    expect(set.size).toBe(count);
    expect(set.has(sha256Hex('another') as TaskId)).toBe(false);
  });

  it('numbers ids from bytes across its blocks, where some of them are known', () => {
    const [set, ids] = [new TaskIdSet(), Array.from({ length: 70_000 }, (_, n) => sha256Hex(`${n}`) as TaskId)];
    const bytes = new DataView(new TextEncoder().encode(ids.join('')).buffer);
    for (let first = 0; first < ids.length; first += 3_000) {
      const numbers = Array.from({ length: Math.min(5_000, ids.length - first) }, (_, n) => first + n);
      const starts = Int32Array.from(numbers, (n) => 64 * n);
      expect([...set.addMany(bytes, starts)]).toEqual(numbers);
    }
    expect(set.size).toBe(ids.length);
    expect(ids.findIndex((id, n) => set.indexOf(id) !== n)).toBe(-1);
  });

  it('grows to a hundred thousand ids without losing one', () => {
    const set = new TaskIdSet();
    for (let at = 0; at < 100_000; at++) set.add(sha256Hex(`${at}`) as TaskId);
    expect(set.size).toBe(100_000);
    for (let at = 0; at < 100_000; at++) if (!set.has(sha256Hex(`${at}`) as TaskId)) throw new Error(`lost ${at}`);
    expect(set.has(sha256Hex('another') as TaskId)).toBe(false);
  });
});
