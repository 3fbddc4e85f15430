import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProcess, hasEnded, ownProcess, parseProcess } from './process-identity.ts';

describe('hasEnded', () => {
  it('is false for this process', () => {
    expect(hasEnded(ownProcess())).toBe(false);
  });

  it('is true for a process that ended', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    expect(hasEnded({ ...ownProcess(), pid: child.pid! })).toBe(true);
  });

  it('does not mistake a later process with the same number for the one that ended', () => {
    const { start, ...mark } = ownProcess();
    expect(hasEnded({ ...mark, start: String(Number(start) - 1) })).toBe(true);
  });

  it('is true for a killed process before its parent has waited for it', async () => {
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60']); // becomes a `sleep`, which waits for no child
    const [bytes] = (await once(parent.stdout, 'data')) as [Buffer];
    const zombie = { ...ownProcess(), pid: Number(bytes.toString()), start: '1' };
    await expect.poll(() => hasEnded(zombie)).toBe(true);
    parent.kill('SIGKILL');
  });

  it('is unknown for processes elsewhere', () => {
    expect(hasEnded({ ...ownProcess(), place: 'another-machine' })).toBe('unknown');
  });
});

describe('parseProcess', () => {
  it('reads what formatProcess writes', () =>
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9-]+$/),
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        fc.stringMatching(/^\d{0,20}$/),
        (place, pid, start) => {
          expect(parseProcess(formatProcess({ place, pid, start }))).toEqual({ place, pid, start });
        },
      ),
    ));

  it.each(['', 'a', 'a.b.c', 'a.1', '.1.2', 'a.0.1', 'a.-1.1'])('refuses %j', (text) => expect(parseProcess(text)).toBeUndefined());
});
