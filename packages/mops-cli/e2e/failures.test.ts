import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';

const TIMEOUT_MS = 180_000;

/** Models in each language that fail where beta > 1.1 and gamma < 0.22, in a file that they import or run; the place is that of the failure. */
const FILES = {
  'models/sir.ts': `import { defineModel, float } from '@modelops/sdk';
import { check } from '../lib/check.ts';

export const Sir = defineModel({
  parameters: { beta: float(0, 2), gamma: float(0.01, 0.5) },
  outputs: ['y'],
  simulate: ({ beta, gamma }) => {
    console.error('checking', beta);
    check(beta, gamma);
    return { y: { v: [beta] } };
  },
});
`,
  'lib/check.ts': `export function check(beta: number, gamma: number): void {
  if (beta > 1.1 && gamma < 0.22) throw new RangeError(\`R0 is \${beta / gamma} at beta \${beta}\`);
}
`,
  'models/sir.py': `import sys
from lib.check import check
from modelops import Float, model

@model(parameters={"beta": Float(0, 2), "gamma": Float(0.01, 0.5)}, outputs=["y"])
def Sir(beta, gamma):
    print("checking", beta, file=sys.stderr)
    check(beta, gamma)
    return {"y": {"v": [beta]}}
`,
  'lib/check.py': `def check(beta, gamma):
    if beta > 1.1 and gamma < 0.22:
        raise ValueError(f"R0 is {beta / gamma} at beta {beta}")
`,
  'modelops.yaml': `models:
  Sir:
    command: awk -v beta={{ beta }} -v gamma={{ gamma }} -f sir.awk
    parameters: { beta: { kind: float, min: 0, max: 2 }, gamma: { kind: float, min: 0.01, max: 0.5 } }
    outputs: { y: { file: y.csv, columns: { v: float } } }
`,
  'sir.awk': `BEGIN {
  print "checking", beta > "/dev/stderr"
  if (beta > 1.1 && gamma < 0.22) { print "error: R0 is " beta / gamma " at beta " beta > "/dev/stderr"; exit 3 }
  print "v\\n" beta > "y.csv"
}
`,
};

interface Failures {
  readonly failed: number;
  readonly causes: readonly {
    readonly reproduce: string;
    readonly region: { readonly conditions: readonly { readonly parameter: string }[] };
    readonly sample: { readonly params: Readonly<Record<'beta' | 'gamma', number>>; readonly stderr_tail: string };
  }[];
}

let laptop: Laptop;
beforeAll(async () => {
  laptop = openLaptop();
  for (const [file, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(laptop.dir, file)), { recursive: true });
    writeFileSync(join(laptop.dir, file), text);
  }
  await laptop.must('modelops-bundle', 'init', 'sir');
}, TIMEOUT_MS);
afterAll(() => laptop.remove());

it.each([
  ['models/sir.ts', { type: 'RangeError', frame: 'lib/check.ts:2' }],
  ['models/sir.py', { type: 'ValueError', frame: 'lib/check.py:3' }],
  ['modelops.yaml', { type: 'ExitStatus', frame: null }],
])(
  'failures of %s are one cause, with its place, its region of two parameters, a sample, and the command that repeats it',
  {
    timeout: TIMEOUT_MS,
  },
  async (file, cause) => {
    const steps = [1, 2, 3, 4, 5, 6, 7, 8];
    const parameter_sets = steps.flatMap((k) => steps.map((l) => ({ beta: (2 * k) / 10, gamma: (5 * l) / 100 })));
    writeFileSync(join(laptop.dir, 'grid.json'), JSON.stringify({ model: `${file}:Sir`, parameter_sets }));
    await laptop.must('modelops-bundle', 'register-model', file);
    const { job } = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'grid.json', '--wait');
    const failures = await laptop.json<Failures>('mops', 'jobs', 'failures', job);
    expect(failures).toMatchObject({
      failed: 12,
      causes: [{ ...cause, kind: 'exception', count: 12, region: { failed: 12, succeeded: 0, purity: 1, coverage: 1 } }],
    });
    const [{ sample, reproduce, ...rest }] = failures.causes as [Failures['causes'][number]];
    // Thresholds are the roundest numbers between failed and succeeded points.
    expect([...rest.region.conditions].sort((a, b) => (a.parameter < b.parameter ? -1 : 1))).toEqual([
      { parameter: 'beta', above: 1, at_most: null },
      { parameter: 'gamma', above: null, at_most: 0.2 },
    ]);
    expect(sample.params.beta > 1.1 && sample.params.gamma < 0.22).toBe(true);
    expect(sample.stderr_tail).toMatch(new RegExp(`^checking ${sample.params.beta}\n`));
    const [program, ...args] = reproduce.split(' ');
    expect(program).toBe('mops');
    const repeated = await laptop.run('mops', ...args);
    expect(repeated).toMatchObject({ status: 11, stdout: expect.stringContaining('failed the same way as recorded') });
  },
);
