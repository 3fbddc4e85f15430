import { expect, it } from 'vitest';
import { processIo } from './io.ts';

it('adds its error listeners once for any number of programs in a process', () => {
  processIo();
  const before = [process.stdout.listenerCount('error'), process.stderr.listenerCount('error')];
  for (let n = 0; n < 20; n++) processIo();
  expect([process.stdout.listenerCount('error'), process.stderr.listenerCount('error')]).toEqual(before);
});
