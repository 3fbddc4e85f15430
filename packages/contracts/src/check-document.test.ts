import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDocument, checkUniqueKeys } from './check-document.ts';

const context = { source: 'study.json', code: 'STUDY_INVALID' } as const;

describe('checkDocument', () => {
  it('accepts every ordinary document', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 20 }).filter((value) => !JSON.stringify(value).includes('__proto__')),
        (value) => checkDocument(value, context),
      ),
    );
  });

  it('refuses cycles, deep nesting and fields named __proto__', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.metadata = { cyclic };
    expect(() => checkDocument(cyclic, context)).toThrow('nested more than 100 levels deep, at metadata.cyclic.metadata');
    expect(() => checkDocument(JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`), context)).toThrow('nested more than 100 levels');
    expect(() => checkDocument(JSON.parse('{"parameter_sets": [{"__proto__": 1}]}'), context)).toThrow(
      'invalid study.json: parameter_sets.0.__proto__ is not allowed as a name',
    );
  });
});

describe('checkUniqueKeys', () => {
  it('accepts every JSON text of a value', () => {
    fc.assert(fc.property(fc.jsonValue(), fc.nat(2), (value, indent) => checkUniqueKeys(JSON.stringify(value, null, indent), context)));
  });

  it.each(['{"a": 1, "a": 2}', '{"x": [{"b": {}, "a": 1, "\\u0061": 2}]}', '{"a": {"a": 1}, "a" : "}"}'])('refuses %s', (json) => {
    expect(() => checkUniqueKeys(json, context)).toThrow('invalid study.json: the field "a" is given twice');
  });
});
