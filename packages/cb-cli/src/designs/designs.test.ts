import { readFileSync } from 'node:fs';
import type { Problem } from '@modelops/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DesignParameter, varying } from '../space/parameter-space.ts';
import type { Design, Settings } from './design.ts';
import { designs } from './designs.ts';
import { halton, haltonColumns } from './halton.ts';
import { lhs } from './lhs.ts';
import { chooseTrajectories, trajectoryDistance } from './morris.ts';
import { type ParameterTable, rowsIn } from './parameter-table.ts';
import { random } from './random.ts';
import { saltelli } from './saltelli.ts';
import { selectPoints } from './select.ts';
import { sobol } from './sobol.ts';

const golden = JSON.parse(readFileSync(new URL('../../golden/designs.json', import.meta.url), 'utf8'));

const MIXED: DesignParameter[] = [
  { name: 'beta', kind: 'float', min: 0.1, max: 2, scale: 'linear' },
  { name: 'sigma', kind: 'float', min: 0.05, max: 0.5, scale: 'log', prior: { distribution: 'lognormal', mean_log: -1.5, sd_log: 0.5 } },
  { name: 'p', kind: 'float', min: 0.01, max: 0.9, scale: 'logit', default: 0.5 },
  { name: 'n0', kind: 'int', min: 1, max: 10, scale: 'linear' },
  { name: 'held', kind: 'fixed', value: 7 },
  { name: 'mode', kind: 'choice', values: ['a', 'b', true] },
];
const unit = (d: number): DesignParameter[] =>
  Array.from({ length: d }, (_, k) => ({ name: `x${k}`, kind: 'float', min: 0, max: 1, scale: 'linear' }));

const rows = (table: ParameterTable) => [...rowsIn(table)];
/** The settings of a design's default options and these. */
function settingsOf(design: Design, options: Record<string, unknown>): Settings {
  const problems: Problem[] = [];
  const defaults = Object.fromEntries(
    Object.entries(design.options).map(([key, schema]) => [
      key,
      (schema as never as { safeParse(v: unknown): { data?: unknown } }).safeParse(undefined).data,
    ]),
  );
  const settings = design.readSettings({ ...defaults, ...options }, problems);
  expect(problems).toEqual([]);
  return settings;
}
const sizeOptions = (design: Design, n: number): Record<string, unknown> => {
  if (design.method === 'morris') return { trajectories: n };
  if (design.method === 'fast') return { nSamples: 65 + n };
  return design.method === 'sliced-lhs' ? { nSamples: 2 * n } : { nSamples: n };
};

describe('every design', () => {
  it.each(designs.map((design) => [design.method, design] as const))('%s respects bounds, types and its size', (_, design) => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (n, seed) => {
        const settings = settingsOf(design, { ...sizeOptions(design, n), seed: seed.toString() });
        const { points } = design.points(settings, MIXED);
        const found = rows(points);
        expect(found).toHaveLength(points.size);
        for (const [beta, sigma, p, n0, held, mode] of found as [number, number, number, number, number, unknown][]) {
          expect(beta >= 0.1 && beta <= 2 && sigma >= 0.05 && sigma <= 0.5 && p >= 0.01 && p <= 0.9).toBe(true);
          expect(Number.isInteger(n0) && n0 >= 1 && n0 <= 10 && held === 7).toBe(true);
          expect(['a', 'b', true]).toContain(mode);
        }
        expect(rows(design.points(settings, MIXED).points)).toEqual(found);
      }),
      { numRuns: 15 },
    );
  });

  it.each(designs.filter(({ extend }) => extend !== undefined).map((design) => [design.method, design] as const))(
    '%s begins with its points when it is extended',
    (_, design) => {
      fc.assert(
        fc.property(fc.integer({ min: 2, max: 20 }), fc.nat(9), (n, seed) => {
          const settings = settingsOf(design, { ...sizeOptions(design, n), seed: String(seed) });
          const longer = design.extend!(settings, 2 * n);
          expect(longer).toBeTypeOf('object');
          const [short, long] = [rows(design.points(settings, MIXED).points), rows(design.points(longer as Settings, MIXED).points)];
          expect(long).toHaveLength(2 * short.length);
          expect(long.slice(0, short.length)).toEqual(short);
        }),
        { numRuns: 15 },
      );
    },
  );

  it.each(designs.filter(({ supports }) => supports.constraint.is === 'yes').map((design) => [design.method, design] as const))(
    '%s meets a condition, and keeps its size if it has further points',
    async (_, design) => {
      const source = design.points(settingsOf(design, sizeOptions(design, 30)), MIXED);
      const allowed = (table: ParameterTable) => Uint8Array.from(rows(table), ([beta]) => ((beta as number) > 0.5 ? 1 : 0));
      const { sets, rejected } = await selectPoints(source, { allowed, findRepeated: false });
      expect(sets.size).toBeGreaterThan(0);
      expect(rows(sets).every(([beta]) => (beta as number) > 0.5)).toBe(true);
      if (source.more !== undefined) expect(sets.size).toBe(source.points.size);
      expect(rejected).toBeGreaterThan(0);
      // A group is kept or rejected as a whole.
      expect(sets.size % (source.group ?? 1)).toBe(0);
    },
  );

  it.each([sobol, halton, random, lhs].map((design) => [design.method, design as Design] as const))(
    '%s does not change other parameters when one is fixed',
    (_, design) => {
      const settings = settingsOf(design, { nSamples: 16 });
      const fixed = MIXED.map((parameter, at): DesignParameter => (at === 1 ? { name: 'sigma', kind: 'fixed', value: 0.2 } : parameter));
      const free = rows(design.points(settings, MIXED).points);
      expect(rows(design.points(settings, fixed).points)).toEqual(free.map((row) => row.with(1, 0.2)));
    },
  );

  it('follows a prior: a tenth of the points below its first decile', () => {
    const beta: DesignParameter = {
      name: 'x',
      kind: 'float',
      min: 0,
      max: 1,
      scale: 'linear',
      prior: { distribution: 'beta', alpha: 2, beta: 5 },
    };
    for (const design of [sobol, halton, random, lhs, saltelli] as Design[]) {
      const values = rows(design.points(settingsOf(design, { nSamples: 1024 }), [beta]).points).map(([x]) => x as number);
      const share = values.filter((x) => x < 0.09259525891312836).length / values.length;
      expect(Math.abs(share - 0.1)).toBeLessThan(design.method === 'random' ? 0.03 : 0.005);
    }
  });
});

describe('Sobol and Halton sequences', () => {
  it('equals SciPy in 2,000 dimensions', () => {
    const table = sobol.points({ seed: null, scramble: false, n_samples: 64, bits: 30 }, unit(2000)).points;
    const found = rows(table).map((row) => row.map((x) => (x as number) * 2 ** 30));
    expect(found[63]).toEqual(golden.sobol_2000.row);
    const sums = found[0]!.map((_, k) => found.reduce((sum, row, at) => (sum + ((row[k]! * (at + 1)) % 2 ** 30)) % 2 ** 30, 0));
    expect(sums).toEqual(golden.sobol_2000.checks);
  });

  it('equals the plain Halton sequence of SciPy', () => {
    const columns = haltonColumns(7, undefined);
    golden.halton.forEach((point: number[], index: number) => {
      for (const [k, column] of columns.entries()) expect(column(index)).toBeCloseTo(point[k]!, 14);
    });
  });

  it('puts one of b^k scrambled Halton points into each of b^k parts of the dimension of base b', () => {
    const [two, three, five] = haltonColumns(3, 11n) as [(i: number) => number, (i: number) => number, (i: number) => number];
    for (const [column, n] of [
      [two, 256],
      [three, 243],
      [five, 625],
    ] as const) {
      expect(new Set(Array.from({ length: n }, (_, i) => Math.floor(column(i) * n + 1e-9))).size).toBe(n);
    }
    expect(two(0)).not.toBe(haltonColumns(1, 12n)[0]!(0));
  });
});

describe('Saltelli design', () => {
  it('equals that of SALib, with and without second order', () => {
    for (const { d, n, second_order, points } of golden.saltelli) {
      const table = saltelli.points({ seed: null, scramble: false, n_samples: n, second_order }, unit(d)).points;
      expect(rows(table)).toEqual(points);
    }
  });
});

describe('Morris design', () => {
  it('changes each parameter once in a trajectory, by a little more than half of the range', () => {
    for (const trajectory of chooseTrajectories({ d: 5, levels: 4, candidates: 3, seed: 9n, count: 8 })) {
      const changed = new Set<number>();
      for (let step = 0; step < 5; step++) {
        const moved = [0, 1, 2, 3, 4].filter((k) => trajectory[step * 5 + k] !== trajectory[(step + 1) * 5 + k]);
        expect(moved).toHaveLength(1);
        changed.add(moved[0]!);
        expect(Math.abs(trajectory[(step + 1) * 5 + moved[0]!]! - trajectory[step * 5 + moved[0]!]!)).toBeCloseTo(2 / 3, 12);
      }
      expect(changed.size).toBe(5);
    }
  });

  it('spreads optimised trajectories farther than random ones', () => {
    const spread = (candidates: number) => {
      const chosen = chooseTrajectories({ d: 6, levels: 4, candidates, seed: 4n, count: 10 });
      return chosen.reduce((sum, a, i) => sum + chosen.slice(0, i).reduce((inner, b) => inner + trajectoryDistance(a, b, 6), 0), 0);
    };
    expect(spread(50)).toBeGreaterThan(1.05 * spread(1));
  });

  it('has points for every parameter that varies and no other', () => {
    const table = designs.find(({ method }) => method === 'morris')!;
    const { points, group } = table.points(settingsOf(table, { trajectories: 3 }), MIXED);
    expect([points.size, group]).toEqual([3 * (varying(MIXED).length + 1), varying(MIXED).length + 1]);
  });
});
