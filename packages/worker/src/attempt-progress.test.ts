import { expect, it } from 'vitest';
import { whileCurrent } from './attempt-progress.ts';

async function* numbers(): AsyncGenerator<number, void, void> {
  for (let n = 0; ; n++) yield n;
}

it('claims end once the job is over, which is checked at most once a second', async () => {
  let now = 0;
  let checks = 0;
  let isCurrent = true;
  const claims = whileCurrent(
    numbers(),
    async () => {
      checks++;
      return isCurrent;
    },
    () => now,
  );
  expect(await claims.next()).toEqual({ done: false, value: 0 });
  expect(checks).toBe(0);
  now = 1000;
  expect(await claims.next()).toEqual({ done: false, value: 1 });
  isCurrent = false;
  expect(await claims.next()).toEqual({ done: false, value: 2 });
  expect(checks).toBe(1);
  now = 2000;
  for (let n = 0; n < 3; n++) expect(await claims.next()).toEqual({ done: true, value: undefined });
  expect(checks).toBe(2);
});

it('claims end once the job is over, also after the clock was set back', async () => {
  let now = 10_000;
  const claims = whileCurrent(
    numbers(),
    async () => false,
    () => now,
  );
  now = 0;
  expect(await claims.next()).toEqual({ done: true, value: undefined });
});
