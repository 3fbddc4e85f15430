import { checkSync } from 'recheck';
import { describe, expect, it } from 'vitest';
import { CONTROLS } from '../packages/cli-kit/src/escape-controls.ts';
import { SECRET_PATTERNS } from '../packages/contracts/src/errors.ts';

/** Regular expressions that every message passes through; recheck counts the steps of the inputs that it searches for. */
const patterns = [...SECRET_PATTERNS.map(([pattern]) => pattern), CONTROLS];

describe('regular expressions that see foreign text', () => {
  it.each(patterns)('take steps linear in the text: %s', ({ source, flags }) => {
    expect(checkSync(source, flags, { checker: 'fuzz', timeout: 60_000 }).status).toBe('safe');
  });

  it('would find a quadratic one', () => {
    expect(checkSync('\\b[a-z][a-z0-9+.-]*:\\/\\/x', 'gi', { checker: 'fuzz', timeout: 60_000 }).status).toBe('vulnerable');
  });
});
