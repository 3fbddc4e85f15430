import { describe, expect, it } from 'vitest';
import { missingFile } from './missing-file.ts';

describe('the file that a command did not find', () => {
  it.each([
    ['cat', 'cat: data/c.csv: No such file or directory'],
    ['head', "head: cannot open 'data/c.csv' for reading: No such file or directory"],
    ['sed', "sed: can't read data/c.csv: No such file or directory"],
    ['mawk', 'awk: cannot open data/c.csv (No such file or directory)'],
    ['dash', 'run.sh: 1: cannot open data/c.csv: No such file'],
    ['R', 'In file(file, "rt") :\n  cannot open file \'data/c.csv\': No such file or directory\nExecution halted'],
    ['Python', "FileNotFoundError: [Errno 2] No such file or directory: 'data/c.csv'"],
    ['Node', "Error: ENOENT: no such file or directory, open 'data/c.csv'\n    at Object.openSync (node:fs:573:18)"],
    ['Julia', 'ERROR: SystemError: opening file "data/c.csv": No such file or directory'],
  ])('is named by the message of %s', (_program, stderr) => {
    expect(missingFile(stderr, '')).toBe('data/c.csv');
  });

  it('is relative to the project, and the last one', () => {
    expect(missingFile('cat: a: No such file or directory\ncat: ../data/c.csv: No such file or directory\n', 'models/r')).toBe(
      'models/data/c.csv',
    );
  });

  it.each([
    ['another error', 'error: beta is too large'],
    ['a file outside the project', 'cat: ../c.csv: No such file or directory'],
    ['an absolute path', 'cat: /data/c.csv: No such file or directory'],
    ['no name', 'No such file or directory'],
    ['nothing', ''],
  ])('is undefined for %s', (_what, stderr) => {
    expect(missingFile(stderr, '')).toBeUndefined();
  });
});
