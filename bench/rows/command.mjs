// Overhead of a task of a command model: compared with starting the same command directly, sequentially on one core.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshProject, run } from '../project.mjs';

const YAML = `models:
  M:
    command: sh run.sh {{ x }}
    parameters: { x: { kind: float, min: 0, max: 1 } }
    outputs: { out: { file: out.csv, columns: { x: float } } }
`;
const SCRIPT = 'echo x > out.csv; echo $1 >> out.csv\n';
const [FEW, MANY] = [64, 1088];

/** Seconds of a job of this many tasks on one worker with one slot. */
function timeJob(tasks) {
  const project = freshProject('');
  try {
    for (const [name, text] of [
      ['modelops.yaml', YAML],
      ['run.sh', SCRIPT],
    ])
      writeFileSync(join(project.dir, name), text);
    run(project, 'modelops-bundle', ['init', 'bench']);
    run(project, 'modelops-bundle', ['register-model', 'modelops.yaml']);
    run(project, 'cb', [
      'sampling',
      'sobol',
      'modelops.yaml:M',
      '--n-samples',
      '64',
      '--n-replicates',
      String(tasks / 64),
      '--output',
      'study.json',
    ]);
    return run(project, 'mops', ['jobs', 'submit', 'study.json', '--wait', '--quiet', '--workers', '1', '--slots', '1']).seconds;
  } finally {
    project.remove();
  }
}

/** Milliseconds of one direct start of the command. */
function timeCommand(times) {
  const dir = mkdtempSync(join(tmpdir(), 'modelops-bench-'));
  writeFileSync(join(dir, 'run.sh'), SCRIPT);
  const started = performance.now();
  for (let at = 0; at < times; at++) spawnSync('sh', ['run.sh', '0.5'], { cwd: dir, stdio: 'ignore' });
  const milliseconds = (performance.now() - started) / times;
  rmSync(dir, { recursive: true });
  return milliseconds;
}

export function measure() {
  const before = timeCommand(500);
  const each = ((timeJob(MANY) - timeJob(FEW)) / (MANY - FEW)) * 1000;
  const alone = Math.min(before, timeCommand(500));
  return [
    {
      what: 'overhead of a further task of a command model over its program',
      value: each - alone,
      unit: 'ms',
      aim: '3 ms',
      beside: `the program alone ${alone.toFixed(2)} ms, as a task ${each.toFixed(2)} ms`,
    },
  ];
}
