// The rows of bench/README.md that exist, measured on this machine.   pnpm bench [ROW …]
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = { cb: 'cb-cli', mops: 'mops-cli', 'modelops-bundle': 'bundle' };
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;

/** A fresh folder with a project of one model, and an empty home. */
function freshProject(model) {
  const base = mkdtempSync(join(tmpdir(), 'modelops-bench-'));
  const dir = join(base, 'project');
  if (model === undefined)
    cpSync(join(root, 'examples/seir-ts'), dir, {
      recursive: true,
      filter: (path) => !/node_modules|\.modelops-bundle|\/out|\/dist/.test(path.slice(root.length)),
    });
  else {
    mkdirSync(join(dir, 'models'), { recursive: true });
    writeFileSync(join(dir, 'models/model.ts'), model);
  }
  return { dir, home: join(base, 'home'), remove: () => rmSync(base, { recursive: true, force: true }) };
}

function run({ dir, home }, program, args) {
  const file = join(root, 'packages', dist[program], 'dist', `${program}.js`);
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    cwd: dir,
    env: { ...env, MODELOPS_HOME: home },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return { seconds: (performance.now() - started) / 1000, stdout };
}

const NOOP = `import { defineModel, float } from '@modelops/sdk';
export const M = defineModel({ parameters: { x: float(0, 1) }, scenarios: { baseline: {} }, outputs: ['out'],
  simulate: ({ x }) => ({ out: { value: new Float64Array(128).fill(x) } }) });`;
const TEN_MS = `import { defineModel, float } from '@modelops/sdk';
export const M = defineModel({ parameters: { x: float(0, 1) }, scenarios: { baseline: {} }, outputs: ['out'],
  simulate: ({ x }) => { const end = performance.now() + 10; while (performance.now() < end); return { out: { value: Float64Array.of(x) } }; } });`;

/** Seconds from `jobs submit --wait` to its end, of `sets` × `replicates` tasks. */
function job(model, source, sets, replicates, targets = []) {
  const project = freshProject(model);
  try {
    run(project, 'modelops-bundle', ['init', 'bench']);
    run(project, 'modelops-bundle', ['register-model', source]);
    run(project, 'cb', [
      'sampling',
      'sobol',
      source,
      '--n-samples',
      String(sets),
      '--n-replicates',
      String(replicates),
      '--output',
      'study.json',
      ...targets,
    ]);
    return run(project, 'mops', ['jobs', 'submit', 'study.json', '--wait', '--quiet']).seconds;
  } finally {
    project.remove();
  }
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const repeat = (n, measure) => median(Array.from({ length: n }, measure));

const ROWS = {
  startup: () => {
    const project = freshProject(NOOP);
    const node = repeat(5, () => {
      const started = performance.now();
      spawnSync(process.execPath, ['-e', '0'], { env });
      return (performance.now() - started) / 1000;
    });
    const help = repeat(5, () => run(project, 'cb', ['--help']).seconds);
    const list = repeat(5, () => run(project, 'mops', ['jobs', 'list']).seconds);
    project.remove();
    return [
      ['cb --help', help, 's', 'at most 0.15', `node itself ${node.toFixed(3)} s`],
      ['mops jobs list', list, 's', 'at most 0.25', ''],
    ];
  },
  sobol: () => {
    const project = freshProject();
    const seconds = repeat(
      3,
      () =>
        run(project, 'cb', [
          'sampling',
          'sobol',
          'models/seir.ts:StochasticSEIR',
          '--n-samples',
          '65536',
          '--output',
          'sobol.json',
          '--force',
        ]).seconds,
    );
    project.remove();
    return [['scrambled Sobol 2^16 × 2, whole command with its study', seconds, 's', '', '']];
  },
  overhead: () => {
    const tasks = 20_480;
    const seconds = job(NOOP, 'models/model.ts:M', 1024, 20);
    const parallel = spawnSync('sh', ['-c', `seq 500 | parallel --will-cite -j${availableParallelism()} true`], { env });
    let peer = 'GNU parallel is not installed';
    if (parallel.status === 0) {
      const started = performance.now();
      spawnSync('sh', ['-c', `seq 500 | parallel --will-cite -j${availableParallelism()} true`], { env });
      peer = `GNU parallel ${((performance.now() - started) / 500).toFixed(2)} ms a task`;
    }
    return [['no-op task, 1 KB result, persisted: submit to succeeded', (seconds * 1000) / tasks, 'ms a task', 'at most 0.03', peer]];
  },
  busy: () => {
    const tasks = 2048;
    const seconds = job(TEN_MS, 'models/model.ts:M', 256, 8);
    const floor = (tasks * 0.01) / availableParallelism();
    return [
      [
        'cores kept busy, 10 ms tasks, whole command',
        (100 * floor) / seconds,
        '%',
        'at least 97',
        `${seconds.toFixed(2)} s for a floor of ${floor.toFixed(2)} s`,
      ],
    ];
  },
  seir: () => [
    [
      '20,000 SEIR simulations, submit to losses',
      job(undefined, 'models/seir.ts:StochasticSEIR', 1000, 20, ['--targets', 'targets/prevalence.ts:prevalence']),
      's',
      'at most 2.5',
      '',
    ],
  ],
  submit: () => {
    const project = freshProject(NOOP);
    run(project, 'modelops-bundle', ['init', 'bench']);
    run(project, 'modelops-bundle', ['register-model', 'models/model.ts:M']);
    run(project, 'cb', ['sampling', 'sobol', 'models/model.ts:M', '--n-samples', '256', '--n-replicates', '500', '--output', 'study.json']);
    const { seconds, stdout } = run(project, 'mops', ['jobs', 'submit', 'study.json', '--json']);
    const started = performance.now();
    run(project, 'mops', ['jobs', 'wait', JSON.parse(stdout).job]);
    const whole = seconds + (performance.now() - started) / 1000;
    project.remove();
    return [
      ['submit of 128,000 tasks, whole command', seconds, 's', 'at most 1 after start-up', ''],
      ['128,000 no-op tasks, submit to succeeded', whole, 's', 'at most 6', ''],
    ];
  },
};

const asked = process.argv.slice(2);
for (const [name, measure] of Object.entries(ROWS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  for (const [what, value, unit, goal, beside] of measure())
    console.log(
      `${name.padEnd(9)} ${what}: ${value.toPrecision(3)} ${unit}${goal === '' ? '' : ` (${goal})`}${beside === '' ? '' : `; ${beside}`}`,
    );
}
