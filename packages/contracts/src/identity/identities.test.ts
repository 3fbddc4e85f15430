import { readFileSync } from 'node:fs';
import { blake2b as referenceBlake2b } from '@noble/hashes/blake2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBundleRef, parseBundleRef, parseRepository } from './bundle-ref.ts';
import { canonicalJson } from './canonical-json.ts';
import { digestOf, modelDigestOf, sha256Hex } from './digest.ts';
import { entrypointOf, parseScenario, parseSourceName } from './entrypoint.ts';
import { hashMany } from './hash-many.ts';
import { type ParamValues, paramIdOf, paramIdsOf } from './param-id.ts';
import { commonOrigin, parseSeed, replicateSeed, replicateSeeds, seedToJson } from './seed.ts';
import { aggregationIdOf, createTaskWords, idOfWords, taskIdOf } from './task-id.ts';

const golden = JSON.parse(readFileSync(new URL('../../golden/identities.json', import.meta.url), 'utf8')) as {
  vectors: { canonical_json: string; param_id: string; seeds: number[] }[];
};

describe('golden vectors computed by another program', () => {
  it.each(golden.vectors)(
    'give the canonical JSON, the parameter id and the seeds of $canonical_json',
    ({ canonical_json, param_id, seeds }) => {
      const values = JSON.parse(canonical_json) as ParamValues;
      expect(canonicalJson(values)).toBe(canonical_json);
      expect(paramIdOf(values)).toBe(param_id);
      expect(paramIdsOf([values, { other: 1 }, values])).toEqual([param_id, paramIdOf({ other: 1 }), param_id]);
      expect(seeds.map((_, replicate) => replicateSeed(paramIdOf(values), replicate))).toEqual(seeds);
      const many = replicateSeeds({ count: seeds.length, originOf: () => paramIdOf(values), replicateOf: (n) => n });
      expect([...many]).toEqual(seeds);
    },
  );
});

const common = JSON.parse(readFileSync(new URL('../../golden/common-seeds.json', import.meta.url), 'utf8')) as {
  vectors: { study_seed: string; seeds: number[] }[];
};

describe('golden vectors of common seeds', () => {
  it.each(common.vectors)('give the seeds of study seed $study_seed', ({ study_seed, seeds }) => {
    const origin = commonOrigin(parseSeed(study_seed));
    expect(seeds.map((_, replicate) => replicateSeed(origin, replicate))).toEqual(seeds);
  });
});

describe('canonical JSON', () => {
  it('does not depend on the order of keys, and reads back as the same value', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ unit: 'grapheme' }),
          fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.boolean()),
        ),
        (value) => {
          const shuffled = Object.fromEntries(Object.entries(value).reverse());
          expect(canonicalJson(shuffled)).toBe(canonicalJson(value));
          expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
        },
      ),
    );
  });
  it('writes −0 as 0, so both have one id', () => {
    expect(paramIdOf({ x: -0 })).toBe(paramIdOf({ x: 0 }));
  });
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %s and names the parameter', (x) => {
    expect(() => paramIdOf({ beta: x })).toThrow(/parameter beta/);
    expect(() => canonicalJson({ x })).toThrow(/canonical JSON/);
  });
  it.each(['\ud800', 'a\udc00', '\udc00\ud800'])('refuses the lone surrogate of %j, as a value and as a name', (text) => {
    expect(() => canonicalJson([text])).toThrow(/lone surrogate/);
    expect(() => canonicalJson({ [text]: 1 })).toThrow(/lone surrogate/);
  });
  it('sorts by UTF-16 code units, as RFC 8785 requires', () => {
    expect(canonicalJson({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 })).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
    );
  });
});

describe('many digests', () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme-ascii', maxLength: 300 }), fc.string({ unit: 'grapheme', maxLength: 200 }));
  const digestsOf = (texts: readonly string[], length: number, all: Uint8Array) =>
    texts.map((_, n) => Buffer.from(all.subarray(n * length, (n + 1) * length)).toString('hex'));
  const expectBlake2b = (texts: readonly string[], length: number) => {
    expect(digestsOf(texts, length, hashMany({ blake2b: length }, { count: texts.length, prefixOf: (n) => texts[n]! }))).toEqual(
      texts.map((each) => Buffer.from(referenceBlake2b(utf8ToBytes(each), { dkLen: length })).toString('hex')),
    );
  };

  it('equal those of a general BLAKE2b library, for every length of digest and any neighbouring texts', () => {
    fc.assert(fc.property(fc.array(text, { maxLength: 9 }), fc.integer({ min: 1, max: 64 }), expectBlake2b), { numRuns: 300 });
  });
  it('equal those of a general BLAKE2b library for texts around the ends of blocks', () => {
    const texts = [0, 1, 127, 128, 129, 255, 256, 257].map((size) => 'x'.repeat(size));
    expectBlake2b(texts, 32);
    expectBlake2b([...texts].reverse(), 8);
    expectBlake2b(['é'.repeat(64), 'a'.repeat(128)], 8);
  });
  it('equal SHA-256 of each text', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 9 }), (texts) => {
        expect(digestsOf(texts, 32, hashMany('sha256', { count: texts.length, prefixOf: (n) => texts[n]! }))).toEqual(
          texts.map((each) => sha256Hex(each)),
        );
      }),
    );
  });
  it('equal those of each text where neighbours share a prefix, with whole numbers or words after it', () => {
    const rest = fc.oneof(fc.nat(), fc.maxSafeInteger().map(Math.abs), fc.constant(2 ** 53), fc.stringMatching(/^[ -~]{0,20}$/));
    const shared = fc.array(fc.tuple(fc.constantFrom('', 'a:', 'é:', 'x'.repeat(110), 'x'.repeat(111), 'x'.repeat(2_000)), rest), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(shared, fc.constantFrom('', ',"v":1}'), (parts, ending) => {
        const many = { count: parts.length, prefixOf: (n: number) => parts[n]![0], restOf: (n: number) => parts[n]![1], ending };
        const texts = parts.map(([prefix, after]) => `${prefix}${after}${ending}`);
        expect(digestsOf(texts, 32, hashMany('sha256', many))).toEqual(texts.map((each) => sha256Hex(each)));
        const expected = texts.map((each) => Buffer.from(referenceBlake2b(utf8ToBytes(each), { dkLen: 8 })).toString('hex'));
        expect(digestsOf(texts, 8, hashMany({ blake2b: 8 }, many))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
  it('can be computed while others are being computed', () => {
    const inner = () => Buffer.from(hashMany({ blake2b: 8 }, { count: 1, prefixOf: () => 'inner' })).toString('hex');
    const texts = [inner(), inner(), inner()];
    const nested = hashMany({ blake2b: 8 }, { count: 3, prefixOf: () => inner() });
    expect(Buffer.from(nested)).toEqual(Buffer.from(hashMany({ blake2b: 8 }, { count: 3, prefixOf: (n) => texts[n]! })));
  });
});

describe('seeds', () => {
  it('are the same for many replicates at once as for each', () => {
    const many = Array.from({ length: 11 }, (_, n) => ({ paramId: paramIdOf({ x: n % 3 }), replicate: 2 ** 32 - 5 + n }));
    const each = many.map(({ paramId, replicate }) => replicateSeed(paramId, replicate));
    const of = { count: many.length, originOf: (n: number) => many[n]!.paramId, replicateOf: (n: number) => many[n]!.replicate };
    expect([...replicateSeeds(of)]).toEqual(each);
  });
  it('keep every whole number from 0 to 2^64−1 through JSON', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (seed) => {
        expect(parseSeed(JSON.parse(JSON.stringify(seedToJson(seed))))).toBe(seed);
      }),
    );
  });
  it.each([-1, 1.5, 2 ** 53, '18446744073709551616', '01', '', 'x', null])('refuse %s', (value) => {
    expect(() => parseSeed(value)).toThrow(/seed/);
  });
});

describe('task ids', () => {
  const identity = { code: digestOf('a'), entrypoint: 'm.A/baseline', scenario: 'baseline', outputs: null, config: null };
  const param = paramIdOf({ x: 1 });
  it('are SHA-256 of the canonical JSON of all that determines the result', () => {
    const text = canonicalJson({ v: 1, ...identity, outputs: ['a', 'b'], param_id: param, seed: 7 });
    expect(taskIdOf({ ...identity, outputs: ['b', 'a'] }, param, 7n)).toBe(sha256Hex(text));
  });
  it('write a seed above 2^53 as a decimal string', () => {
    const seed = 2n ** 63n;
    expect(taskIdOf(identity, param, seed)).toBe(sha256Hex(canonicalJson({ v: 1, ...identity, param_id: param, seed: seed.toString() })));
  });
  it('differ between models, entry points, scenarios, outputs, configs, parameters and seeds', () => {
    const ids = [
      taskIdOf(identity, param, 1n),
      taskIdOf({ ...identity, code: digestOf('b') }, param, 1n),
      taskIdOf({ ...identity, entrypoint: 'm.B/baseline' }, param, 1n),
      taskIdOf({ ...identity, scenario: 'lockdown' }, param, 1n),
      taskIdOf({ ...identity, outputs: ['a'] }, param, 1n),
      taskIdOf({ ...identity, config: { days: 1 } }, param, 1n),
      taskIdOf(identity, paramIdOf({ x: 2 }), 1n),
      taskIdOf(identity, param, 2n),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
  it('are the same if many are computed together, for seeds of any size', () => {
    const words = createTaskWords(identity);
    const seed = fc.oneof(fc.nat(2 ** 32 - 1), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
    fc.assert(
      fc.property(fc.array(fc.record({ paramId: fc.nat(3).map((x) => paramIdOf({ x })), seed }), { maxLength: 20 }), (tasks) => {
        const made = words({ count: tasks.length, paramIdOf: (n) => tasks[n]!.paramId, seedOf: (n) => tasks[n]!.seed });
        tasks.forEach((task, n) => {
          const text = canonicalJson({ v: 1, ...identity, param_id: task.paramId, seed: seedToJson(BigInt(task.seed)) });
          expect(idOfWords(made, n)).toBe(sha256Hex(text));
        });
      }),
    );
  });
  it.each([0, 9, 10, 11, 99, 100, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 1e15, 2 ** 53 - 1])(
    'write the seed %d in decimal digits',
    (seed) => {
      const expected = sha256Hex(canonicalJson({ v: 1, ...identity, param_id: param, seed }));
      expect(taskIdOf(identity, param, BigInt(seed))).toBe(expected);
    },
  );
  it('do not depend on the order of outputs, on repeated outputs, or on the order of fields in the config', () => {
    const [one, other] = [
      { ...identity, outputs: ['b', 'a', 'b'], config: { y: { d: 1, c: 2 }, x: 'é' } },
      { ...identity, outputs: ['a', 'b'], config: { x: 'é', y: { c: 2, d: 1 } } },
    ];
    expect(taskIdOf(one, param, 1n)).toBe(taskIdOf(other, param, 1n));
    expect(taskIdOf(one, param, 1n)).toBe(sha256Hex(canonicalJson({ v: 1, ...other, param_id: param, seed: 1 })));
  });
  it('are defined for the longest scenario name, and refuse an invalid one', () => {
    const longest = { ...identity, scenario: 's'.repeat(64) };
    const text = canonicalJson({ v: 1, ...longest, param_id: param, seed: `${2n ** 64n - 1n}` });
    expect(taskIdOf(longest, param, 2n ** 64n - 1n)).toBe(sha256Hex(text));
    expect(() => taskIdOf({ ...identity, scenario: 'ü' }, param, 1n)).toThrow(/scenario/);
  });
  it('yield an aggregation id that does not depend on the order of the tasks', () => {
    const ids = Array.from({ length: 12 }, (_, n) => taskIdOf(identity, param, BigInt(n)));
    for (const target of ['t', 'é "quoted" \\ \u2028']) {
      for (const task_ids of [[], ids.slice(0, 1), ids]) {
        const text = canonicalJson({ v: 1, target, target_digest: digestOf('t'), task_ids: [...task_ids].sort() });
        expect(aggregationIdOf(target, digestOf('t'), task_ids)).toBe(sha256Hex(text));
        expect(aggregationIdOf(target, digestOf('t'), [...task_ids].reverse())).toBe(sha256Hex(text));
      }
    }
  });
});

describe('model digest', () => {
  it('depends on each part, but not on the order of files', () => {
    const files = [
      { path: 'b.ts', sha256: '1' },
      { path: 'a.ts', sha256: '2' },
    ];
    const digest = modelDigestOf({ files, lock: null, behaviour: 1 });
    expect(modelDigestOf({ files: [...files].reverse(), lock: null, behaviour: 1 })).toBe(digest);
    expect(modelDigestOf({ files, lock: digestOf('l'), behaviour: 1 })).not.toBe(digest);
    expect(modelDigestOf({ files, lock: null, behaviour: 2 })).not.toBe(digest);
  });
});

describe('names', () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,5}([._-][a-z0-9]{1,4}){0,2}$/);
  const host = fc.constantFrom(
    'local',
    'localhost',
    'localhost:5000',
    'registry.example',
    'registry.example:5000',
    'registry:5000',
    '10.77.0.1:5000',
  );
  it('keep registry hosts with ports and repositories with slashes', () => {
    fc.assert(
      fc.property(fc.option(host), fc.array(part, { minLength: 2, maxLength: 4 }), (registry, parts) => {
        const name = parts.join('/');
        fc.pre(!/[.:]|^local$/.test(parts[0]!));
        const repository = registry === null ? name : `${registry}/${name}`;
        expect(parseRepository(repository)).toEqual({ host: registry ?? undefined, name });
        const ref = `${repository}@${digestOf(name)}`;
        expect(formatBundleRef(parseBundleRef(ref))).toBe(ref);
      }),
    );
  });
  it.each(['', 'Upper/case', 'a//b', '../x', 'a/../b', 'host:5000/', '-a'])('refuse the repository %j', (text) => {
    expect(() => parseRepository(text)).toThrow(/repository/);
  });
  it('turn a source file and a scenario into an entry point', () => {
    expect(entrypointOf('models/seir.ts:StochasticSEIR', 'baseline')).toBe('models.seir.StochasticSEIR/baseline');
    expect(parseSourceName('targets.prevalence:prevalence_target')).toEqual({
      file: undefined,
      importPath: 'targets.prevalence',
      exportName: 'prevalence_target',
    });
  });
  it.each(['models/seir.ts', '/abs.ts:X', '../up.ts:X', 'a/../b.ts:X', 'a.ts:', 'a.ts:1x'])('refuse the source %j', (text) => {
    expect(() => parseSourceName(text)).toThrow(/model or target/);
  });
  it.each(['', 'Base', '-a', 'a-', 'a'.repeat(65)])('refuse the scenario %j', (text) => {
    expect(() => parseScenario(text)).toThrow(/scenario/);
  });
});
