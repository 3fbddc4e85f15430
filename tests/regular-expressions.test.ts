import { checkSync } from 'recheck';
import { describe, expect, it } from 'vitest';
import { CONTROLS } from '../packages/cli-kit/src/escape-controls.ts';
import { SECRET_PATTERNS } from '../packages/contracts/src/errors.ts';

/** Regular expressions applied to every message; recheck counts the steps for inputs that it generates. */
const patterns = [...SECRET_PATTERNS.map(([pattern]) => pattern), CONTROLS];

describe('regular expressions for untrusted text', () => {
  it.each(patterns)('take a number of steps linear in the text: %s', ({ source, flags }) => {
    expect(checkSync(source, flags, { checker: 'fuzz', timeout: 60_000 }).status).toBe('safe');
  });

  it('would detect a quadratic one', () => {
    expect(checkSync('\\b[a-z][a-z0-9+.-]*:\\/\\/x', 'gi', { checker: 'fuzz', timeout: 60_000 }).status).toBe('vulnerable');
  });
});
