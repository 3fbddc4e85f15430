import { isReportPage } from '@modelops/contracts';
import { createRng } from '@modelops/sdk';
import { describe, expect, it } from 'vitest';
import { renderReport } from './render-report.ts';
import { makeReport } from './testing/made-report.ts';

interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly sets: number;
}

const rowsIn = (page: string): Rows => JSON.parse(/<script type="application\/json" id="losses">(.*)<\/script>/.exec(page)![1]!);
const sectionsIn = (page: string) => [...page.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id);

describe('a report', () => {
  it('holds every set and loss with all digits, the lowest loss first', () => {
    const data = makeReport({ sets: 60, parameters: 5 });
    const { columns, rows } = rowsIn(renderReport(data).html);
    expect(columns).toEqual(['row', 'param_id', 'beta', 'gamma', 'sigma', 'n0', 'mode', 'loss']);
    expect(rows).toHaveLength(60);
    const { parameters, targets, paramIds } = data.table;
    for (const [row, id, beta, , , , mode, loss] of rows as [number, string, number, number, number, number, string, number | null][]) {
      expect([id, beta, loss ?? Number.NaN]).toEqual([paramIds[row], parameters[0]!.values[row], targets[0]!.losses[row]]);
      expect(mode).toBe(parameters[4]!.categories![parameters[4]!.values[row]!]);
    }
    const losses = rows.flatMap((row) => (row.at(-1) === null ? [] : [row.at(-1) as number]));
    expect(losses).toEqual([...losses].sort((a, b) => a - b));
    expect(rows.slice(0, losses.length).every((row) => row.at(-1) !== null)).toBe(true);
  });

  it('shows what its data give: sections of one parameter, many, no target, several jobs', () => {
    const all = ['summary', 'target-prevalence', 'design', 'failures', 'table', 'provenance'];
    expect(sectionsIn(renderReport(makeReport({ sets: 60, parameters: 1 })).html)).toEqual(all);
    expect(sectionsIn(renderReport(makeReport({ sets: 60, parameters: 2, targets: [] })).html)).toEqual(
      all.filter((id) => id !== 'target-prevalence'),
    );
    const two = renderReport(makeReport({ sets: 60, parameters: 20, targets: ['prevalence', 'deaths'], jobs: 2 })).html;
    expect(sectionsIn(two)).toEqual([...all.slice(0, 2), 'target-deaths', 'set-calibration', 'design', 'comparison', ...all.slice(3)]);
  });

  it('shows first-order and total indices of a Saltelli design, and given-data indices where losses are missing', () => {
    const [points, d] = [1024, 2];
    const data = makeReport({ sets: points * (d + 2), parameters: d });
    const [x, y] = data.table.parameters.map(({ values }) => values) as [Float64Array, Float64Array];
    const rng = createRng(1n);
    for (let start = 0; start < x.length; start += d + 2) {
      const [a, b] = [0, 0].map(() => [rng.uniform(-1, 1), rng.uniform(-1, 1)]) as [number[], number[]];
      x.set([a[0]!, b[0]!, a[0]!, b[0]!], start);
      y.set([a[1]!, a[1]!, b[1]!, b[1]!], start);
    }
    // Variances: x 1/3, y 0 alone, x·y 1/9; so S1 is 3/4 and 0, ST is 1 and 1/4.
    const losses = x.map((value, row) => value + value * y[row]!);
    const table = { ...data.table, targets: [{ ...data.table.targets[0]!, losses }] };
    const saltelli = { job: 'job-0abc', names: ['beta', 'gamma'], secondOrder: false, rows: Uint32Array.from(x, (_, row) => row) };
    const { html } = renderReport({ ...data, table, saltelli });
    expect(html).toMatch(/by the Saltelli design of <code>job-0abc<\/code> with 1,024 base points\./);
    const number = '<td>(-?[\\d.]+)<\\/td><td>(-?[\\d.]+) … (-?[\\d.]+)<\\/td>';
    const rows = [...html.matchAll(new RegExp(`>(beta|gamma)<\\/th>${number}${number}<\\/tr>`, 'g'))];
    const found = rows.map(([, name, ...values]) => ({
      name,
      values: values.map(Number) as [number, number, number, number, number, number],
    }));
    expect(found.map(({ name }) => name)).toEqual(['beta', 'gamma']);
    for (const [k, [first, total]] of [
      [0.75, 1],
      [0, 0.25],
    ].entries()) {
      const [s1, low, high, st, lowest, highest] = found[k]!.values;
      expect(Math.abs(s1 - first!)).toBeLessThan(0.1);
      expect(Math.abs(st - total!)).toBeLessThan(0.1);
      expect([low <= s1, s1 <= high, lowest <= st, st <= highest, high - low < 0.5]).toEqual([true, true, true, true, true]);
    }
    const partial = renderReport({
      ...data,
      table: { ...table, targets: [{ ...table.targets[0]!, losses: losses.map((loss, row) => (row % 9 === 0 ? Number.NaN : loss)) }] },
      saltelli,
    });
    expect(partial.html).toMatch(/with 1,024 base points; 456 of 4,096 sets have no loss\./);
    const without = losses.map((loss, row) => (row % 4 === 1 ? Number.NaN : loss));
    const given = renderReport({ ...data, table: { ...table, targets: [{ ...table.targets[0]!, losses: without }] }, saltelli });
    expect(given.html).toMatch(/estimated from these sets \(given-data indices/);
  });

  it('draws dates along x, and a single value as a row for each set', () => {
    const data = makeReport({ sets: 60, parameters: 2 });
    const [band] = data.bands;
    const dates = band!.sets[0]!.x.map((day) => Date.UTC(2026, 0, 1) + day * 86_400_000);
    const dated = {
      ...band!,
      xName: 'date',
      hasDates: true,
      observed: { x: dates, y: band!.observed!.y },
      sets: band!.sets.map((set) => ({ ...set, x: dates })),
    };
    const one = (value: number) => ({
      paramId: 'ab'.repeat(32),
      loss: value,
      replicates: 20,
      x: [0],
      q05: [value - 2],
      q25: [value - 1],
      q50: [value],
      q75: [value + 1],
      q95: [value + 2],
    });
    const single = { ...band!, isSingle: true, xName: '', yName: 'peak', observed: { x: [0], y: [41] }, sets: [one(40), one(44)] };
    const { html, plots } = renderReport({ ...data, bands: [dated, single] });
    const parts = [
      '>01-11</text>',
      'data-tip="date 2026-01-21: observed 9,180, simulated 9,000 (6,300 to 11,700)"',
      'peak of output prevalence',
      'data-tip="observed 41"',
    ];
    expect(parts.filter((part) => !html.includes(part))).toEqual([]);
    const drawn = plots.get('prevalence-observed-2.svg')!;
    expect(drawn).toContain('data-tip="#2, loss 44: simulated 44 (42 to 46), 20 replicates"');
    expect([drawn.match(/class="band50"/g)!.length, drawn.match(/<circle/g)!.length, plots.has('prevalence-observed-1-3.svg')]).toEqual([
      2,
      2,
      true,
    ]);
  });

  it('compares jobs: paired losses with their interval, seeds, and what changed', () => {
    const { html } = renderReport(makeReport({ sets: 60, parameters: 2, jobs: 3 }));
    expect(html.match(/aria-label="Paired losses of /g)).toHaveLength(2);
    const parts = [
      '<td>-12.25</td><td>-14.5 … -10</td><td>57</td><td>2</td><td>1</td>',
      '60 parameter sets in both, 59 of them with the same seeds.',
      '<th scope="row" class="t">file models/new.ts</th><td class="t"><code>–</code></td><td class="t"><code>cdcdcdcdcdcd</code></td>',
    ];
    expect(parts.filter((part) => !html.includes(part))).toEqual([]);
    const data = makeReport({ sets: 10, parameters: 1, jobs: 2 });
    const [facts] = data.comparisons;
    const none = { ...facts!, shared: { sets: 0, same_seeds: 0 }, targets: [], changes: [] };
    const same = renderReport({ ...data, comparisons: [none] }).html;
    expect(same).toMatch(/>0 parameter sets in both\.<.*>Model, data, targets and settings are the same\.</s);
  });

  it('ranks sets by the weighted sum of a target set, with ties', () => {
    const data = makeReport({ sets: 4, parameters: 1, targets: ['prevalence', 'deaths'] });
    const [prevalence, deaths] = data.table.targets;
    const targets = [
      { ...prevalence!, losses: Float64Array.of(5, 1, Number.NaN, 3) },
      { ...deaths!, losses: Float64Array.of(0, 2, 1, 1) },
    ];
    const { html } = renderReport({ ...data, table: { ...data.table, targets } });
    const section = /<section id="set-calibration".*?<\/section>/s.exec(html)![0];
    expect(section).toMatch(/1 of 4 sets lack one of the losses and are not ranked\..*weighted loss<.*prevalence × 1<.*deaths × 2</s);
    const rows = [
      ...section.matchAll(/<tr><td>(\d=?)<\/td><td>([^<]*)<\/td><td><button.*?<\/button><\/td><td>([^<]*)<\/td><td>([^<]*)<\/td>/g),
    ];
    expect(rows.map((row) => row.slice(1))).toEqual([
      ['1=', '5', '5', '0'],
      ['1=', '5', '1', '2'],
      ['1=', '5', '3', '1'],
    ]);
    const without = renderReport({ ...data, table: { ...data.table, targets: targets.slice(0, 1) } }).html;
    expect(sectionsIn(without)).not.toContain('set-calibration');
  });

  it('is drawn from few sets and from none with a loss', () => {
    expect(renderReport(makeReport({ sets: 1, parameters: 3 })).plots.size).toBeGreaterThan(0);
    const { table, ...data } = makeReport({ sets: 10, parameters: 2 });
    const targets = table.targets.map((target) => ({ ...target, losses: target.losses.fill(Number.NaN) }));
    const { html } = renderReport({ ...data, table: { ...table, targets } });
    expect(html).toContain('No parameter set has a loss for prevalence.');
  });

  it('reloads itself only while a job runs', () => {
    const data = makeReport({ sets: 10, parameters: 1 });
    expect(renderReport(data).html).not.toContain('http-equiv="refresh"');
    expect(renderReport({ ...data, refreshSeconds: 10 }).html).toContain('<meta http-equiv="refresh" content="10">');
  });

  it('escapes text from its data', () => {
    const { html } = renderReport(makeReport({ sets: 30, parameters: 2 }));
    expect(html).toContain('<title>SEIR &lt;sweep&gt; &amp; &quot;more&quot;</title>');
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toContain('<infections>');
  });

  it('is the same bytes for the same data, and recognised as a report', () => {
    const [first, second] = [renderReport(makeReport({ sets: 50, parameters: 3 })), renderReport(makeReport({ sets: 50, parameters: 3 }))];
    expect(first.html).toBe(second.html);
    expect(isReportPage(first.html)).toBe(true);
    expect(isReportPage('<!doctype html><title>mine</title>')).toBe(false);
  });

  it('of 100,000 sets of 10 parameters is at most 1.5 MB and lists the lowest losses', () => {
    const data = makeReport({ sets: 100_000, parameters: 10 });
    const { html } = renderReport(data);
    expect(html.length).toBeLessThan(1_500_000);
    const { rows, sets } = rowsIn(html);
    const lowest = data.table.targets[0]!.losses.filter((loss) => !Number.isNaN(loss))
      .sort()
      .slice(0, 500);
    expect([sets, rows.map((row) => row.at(-1))]).toEqual([100_000, [...lowest]]);
  });

  it('gives each plot as an SVG document without variables or references', () => {
    const { plots } = renderReport(makeReport({ sets: 200, parameters: 3 }));
    expect([...plots.keys()]).toEqual([
      'coverage.svg',
      'prevalence-losses.svg',
      'prevalence-loss-beta.svg',
      'prevalence-loss-gamma.svg',
      'prevalence-loss-sigma.svg',
      'prevalence-surfaces.svg',
      'prevalence-profile.svg',
      'prevalence-observed-1.svg',
      'prevalence-observed-2.svg',
      'prevalence-observed-3.svg',
      'prevalence-sensitivity.svg',
    ]);
    for (const svg of plots.values()) expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"(?!.*var\()/s);
  });

  it('gives each plot and section a name of its own, however long or alike the names are', () => {
    const { table, ...data } = makeReport({ sets: 60, parameters: 3, targets: ['a b', 'a-b', 'β'], hasLongNames: true });
    const { html, plots } = renderReport({ ...data, table });
    expect(Math.max(...[...plots.keys()].map((name) => Buffer.byteLength(name)))).toBeLessThan(255);
    expect(new Set(sectionsIn(html)).size).toBe(sectionsIn(html).length);
    const perTarget = [...plots.keys()].filter((name) => name.includes('-profile'));
    expect([perTarget.length, perTarget.every((name) => /^[ab\p{L}\d-]+\.svg$/u.test(name))]).toEqual([3, true]);
  });

  it('shows the causes with the most tasks, and counts the others', () => {
    const { failures, ...data } = makeReport({ sets: 10, parameters: 1, causes: 200 });
    const { html } = renderReport({ ...data, failures: failures.map((one, k) => ({ ...one, count: k + 1 })) });
    expect(html.match(/class="badge failed"/g)).toHaveLength(30);
    expect(html).toContain('200 tasks</span>');
    expect(html).toContain('170 further causes of 14,535 tasks');
    expect(html).toContain('mops jobs failures job-0abc');
  });

  const odd: [string, (k: number) => number][] = [
    ['equal', () => 3],
    ['negative', (k) => -k],
    ['huge', (k) => (k % 2 === 0 ? 1e300 : -1e300)],
    ['tiny', (k) => 1e-300 * (k + 1)],
    ['zero and powers', (k) => (k === 0 ? 0 : 10 ** k)],
    ['mostly absent', (k) => (k === 3 ? 1 : Number.NaN)],
    ['integers far from 0', (k) => 2 ** 40 + k],
  ];

  it.each(odd)('has only finite coordinates for losses and parameters that are %s', (_, of) => {
    const values = Float64Array.from({ length: 40 }, (_value, k) => of(k));
    const data = makeReport({ sets: 40, parameters: 3 });
    const [first, ...others] = data.table.parameters;
    const many = {
      name: 'text',
      values: Float64Array.from(values, (_value, k) => k),
      categories: Array.from(values, (_value, k) => `${'x'.repeat(40)}${k}`),
    };
    const parameters = [
      { ...first!, values },
      { ...first!, name: 'half', values: values.map((value, k) => (k % 2 === 0 ? Number.NaN : value)) },
      many,
      ...others,
    ];
    for (const losses of [values, data.table.targets[0]!.losses]) {
      const targets = [{ ...data.table.targets[0]!, losses }];
      const { html, plots } = renderReport({ ...data, table: { ...data.table, parameters, targets } });
      for (const [name, svg] of plots) expect(svg.match(/(NaN|undefined|Infinity)[^<]{0,20}/)?.[0], name).toBeUndefined();
      expect(html).not.toMatch(/>(NaN|undefined|Infinity)</);
    }
  });
});
