import { expect, it } from 'vitest';
import { processIo } from './io.ts';

it('adds its error listeners once, however many programs a process makes', () => {
  processIo();
  const before = [process.stdout.listenerCount('error'), process.stderr.listenerCount('error')];
  for (let n = 0; n < 20; n++) processIo();
  expect([process.stdout.listenerCount('error'), process.stderr.listenerCount('error')]).toEqual(before);
});
