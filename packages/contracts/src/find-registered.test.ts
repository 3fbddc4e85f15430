import { describe, expect, it } from 'vitest';
import { findRegistered } from './bundle-manifest.ts';

const registered = [{ source: 'models/c.py:M' }, { source: 'models/d.ts:M' }, { source: 'models/e.py:M' }, { source: 'models/e.ts:M' }];

describe('the registered model of a name', () => {
  it.each([
    ['models/c.py:M', 'models/c.py:M'],
    ['./models/c.py:M', 'models/c.py:M'],
    ['models.c:M', 'models/c.py:M'],
    ['models/e.ts:M', 'models/e.ts:M'],
  ])('%s is %s', (name, source) => {
    expect(findRegistered(name, registered)?.source).toBe(source);
  });

  it('is that of its import path if the bundle does not have the named file', () => {
    expect(findRegistered('models/c.ts:M', registered, [{ path: 'models/c.py' }])?.source).toBe('models/c.py:M');
    expect(findRegistered('models/c.ts:M', registered, [{ path: 'models/c.py' }, { path: 'models/c.ts' }])).toBeUndefined();
    expect(findRegistered('models/e.js:M', registered, [])).toBeUndefined();
  });

  it.each([
    ['a file with the same import path', 'models/c.ts:M'],
    ['an import path of two files', 'models.e:M'],
    ['another export', 'models/c.py:N'],
    ['an invalid name', 'M'],
  ])('is never that of another file: %s', (_what, name) => {
    expect(findRegistered(name, registered)).toBeUndefined();
  });
});
