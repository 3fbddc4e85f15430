import { describe, expect, it } from 'vitest';
import { readContainerMemory } from './container-memory.ts';

/** A cgroup file system with only these files. */
const reading = (files: Readonly<Record<string, string>>) => (file: string) => {
  const text = files[file.replace('/sys/fs/cgroup/', '')];
  if (text === undefined) throw new Error(`ENOENT: ${file}`);
  return text;
};

describe('readContainerMemory', () => {
  it('reads version 2', () => {
    const memory = readContainerMemory(
      reading({ 'memory.max': '536870912\n', 'memory.events': 'low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 1\n' }),
    );
    expect([memory.limit, memory.oomKills()]).toEqual([2 ** 29, 2]);
  });
  it('reads version 1', () => {
    const memory = readContainerMemory(
      reading({
        'memory/memory.limit_in_bytes': '268435456\n',
        'memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 5\n',
      }),
    );
    expect([memory.limit, memory.oomKills()]).toEqual([2 ** 28, 5]);
  });
  it.each([
    ['a group without a limit', { 'memory.max': 'max\n', 'memory.events': 'oom_kill 0\n' }, [undefined, 0]],
    ['version 1 without a limit', { 'memory/memory.limit_in_bytes': '9223372036854771712\n' }, [undefined, undefined]],
    ['no control group', {}, [undefined, undefined]],
    ['a kernel that does not count', { 'memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\n' }, [undefined, undefined]],
  ])('knows no limit in %s', (_where, files, expected) => {
    const memory = readContainerMemory(reading(files));
    expect([memory.limit, memory.oomKills()]).toEqual(expected);
  });
});
