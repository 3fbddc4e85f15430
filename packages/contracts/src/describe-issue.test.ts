import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { describeIssue, valueAt } from './describe-issue.ts';

const schema = z.object({
  n: z.int().min(1).max(9),
  share: z.number().positive().lt(1),
  name: z.string().min(1),
  word: z.string().min(3),
  tone: z.enum(['warm', 'cold']),
  version: z.literal(1),
  tags: z.array(z.string()).min(1).max(2, 'two tags are enough'),
});
const GOOD = { n: 1, share: 0.5, name: 'a', word: 'abc', tone: 'warm', version: 1, tags: ['x'] };

function messagesOf(change: object): string[] {
  const value = { ...GOOD, ...change };
  const { error } = schema.safeParse(value);
  return (error?.issues ?? []).map((issue) => `${issue.path.join('.')} ${describeIssue(issue, valueAt(value, issue.path))}`);
}

describe('the message of a schema issue', () => {
  it.each([
    [{ n: undefined, tone: undefined }, ['n is missing', 'tone is missing']],
    [{ n: 'x' }, ['n expected number, received string']],
    [{ n: 1.5 }, ['n expected int, received number']],
    [{ n: 0 }, ['n must be at least 1']],
    [{ n: 10 }, ['n must be at most 9']],
    [{ share: 0 }, ['share must be more than 0']],
    [{ share: 1 }, ['share must be less than 1']],
    [{ name: '' }, ['name is empty']],
    [{ word: 'a' }, ['word must have at least 3 characters']],
    [{ tone: 'colt' }, ['tone "colt" is not one of warm, cold; did you mean cold?']],
    [{ tone: 'x' }, ['tone "x" is not one of warm, cold']],
    [{ tone: 7 }, ['tone 7 is not one of warm, cold']],
    [{ version: 2 }, ['version must be 1, not 2']],
    [{ tags: [] }, ['tags must have at least 1 entry']],
    [{ tags: ['a', 'b', 'c'] }, ['tags two tags are enough']],
    [{ tags: ['a', 1] }, ['tags.1 expected string, received number']],
  ])('for %j', (change, expected) => {
    expect(messagesOf(change)).toEqual(expected);
  });
});
