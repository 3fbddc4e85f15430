import { expect, it } from 'vitest';
import * as z from 'zod';
import { parseValue } from './parsing.ts';

const place = z.strictObject({ country: z.string().optional(), town: z.string().optional() });

it.each([
  ['an object', place],
  ['a lazy one', z.lazy(() => place)],
  ['an optional one', place.optional()],
  ['one that may be null and has a default', place.nullable().default(null)],
])('an unknown field in %s is reported with the nearest known name, in lists and records too', (_, inner) => {
  const schema = z.lazy(() =>
    z.strictObject({ one: inner, list: z.array(inner).optional(), by_name: z.record(z.string(), inner).optional() }),
  );
  const problemsOf = (value: unknown) => {
    try {
      return parseValue(value, schema, { source: 'places.json', code: 'CONFIG_INVALID' });
    } catch (error) {
      return (error as { problems: { path: string; message: string }[] }).problems.map((problem) => `${problem.path}: ${problem.message}`);
    }
  };
  const message = 'unknown field; did you mean "town"?';
  expect(problemsOf({ one: { twon: 'x' } })).toEqual([`one.twon: ${message}`]);
  expect(problemsOf({ one: {}, list: [{}, { twon: 'x' }] })).toEqual([`list[1].twon: ${message}`]);
  expect(problemsOf({ one: {}, by_name: { a: { twon: 'x' } } })).toEqual([`by_name.a.twon: ${message}`]);
});
