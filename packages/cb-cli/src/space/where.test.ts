import type { Problem } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { parseCondition } from './where.ts';

const names = ['beta', 'gamma', 'mode', 'open'];
function holds(text: string, values: readonly (number | string | boolean)[]): boolean {
  const problems: Problem[] = [];
  const condition = parseCondition(text, names, '--where', problems);
  expect(problems).toEqual([]);
  return condition!(values);
}
function problem(text: string): string {
  const problems: Problem[] = [];
  expect(parseCondition(text, names, '--where', problems)).toBeUndefined();
  return problems[0]!.message;
}

describe('conditions', () => {
  it.each([
    ['beta > gamma', true],
    ['beta < gamma', false],
    ['beta / gamma >= 2.5 and mode == "a"', true],
    ["not (mode == 'a') or open", false],
    ['beta > 0.1 && !(open)', true],
    ['open == false', true],
    ['max(beta, gamma) - min(beta, gamma) < 0.31', true],
    ['sqrt(beta * 2) == 1 and exp(log(gamma)) <= gamma * 1.001', true],
    ['-beta < 0 and beta % 0.5 == 0', true],
    ['beta', false],
  ])('%s: %s', (text, expected) => expect(holds(text, [0.5, 0.2, 'a', false])).toBe(expected));

  it.each([
    ['betta > 1', 'did you mean "beta"?'],
    ['constructor > 1', 'no parameter "constructor"'],
    ['beta.constructor', 'expected comparisons'],
    ['process.exit()', 'unknown function'],
    ['eval("1")', 'unknown function'],
    ['[1][0] > 0', 'expected comparisons'],
    ['beta >', 'Expected expression'],
    ['beta = 1', 'Unexpected'],
    ['this', 'expected comparisons'],
    ['beta | 1', 'not an operator'],
    ['', 'expected comparisons'],
  ])('refuse %s', (text, message) => expect(problem(text)).toContain(message));
});
