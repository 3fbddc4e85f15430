import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMark, hasEnded, ownMark, parseMark } from './fs-process.ts';

describe('hasEnded', () => {
  it('knows this process to be alive', () => {
    expect(hasEnded(ownMark())).toBe(false);
  });

  it('knows a process that ended', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    expect(hasEnded({ ...ownMark(), pid: child.pid! })).toBe(true);
  });

  it('does not take a later process of the same number for the one that ended', () => {
    const { start, ...mark } = ownMark();
    expect(hasEnded({ ...mark, start: String(Number(start) - 1) })).toBe(true);
  });

  it('counts a killed process as ended before its parent has looked', async () => {
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60']); // becomes a `sleep`, which waits for no child
    const [bytes] = (await once(parent.stdout, 'data')) as [Buffer];
    const zombie = { ...ownMark(), pid: Number(bytes.toString()), start: '1' };
    await expect.poll(() => hasEnded(zombie)).toBe(true);
    parent.kill('SIGKILL');
  });

  it('says nothing of processes elsewhere', () => {
    expect(hasEnded({ ...ownMark(), place: 'another-machine' })).toBe('unknown');
  });
});

describe('a mark', () => {
  it('is read as it was written', () =>
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9-]+$/), fc.nat(), fc.stringMatching(/^\d*$/), (place, pid, start) => {
        expect(parseMark(formatMark({ place, pid, start }))).toEqual({ place, pid, start });
      }),
    ));

  it.each(['', 'a', 'a.b.c', 'a.1', '.1.2'])('is nothing else, like %j', (text) => expect(parseMark(text)).toBeUndefined());
});
