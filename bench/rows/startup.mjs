import { spawnSync } from 'node:child_process';
import { NOOP } from '../models.mjs';
import { env, freshProject, run } from '../project.mjs';
import { repeat, timed } from '../timing.mjs';

export function measure() {
  const project = freshProject(NOOP);
  const node = repeat(5, () => timed(() => spawnSync(process.execPath, ['-e', '0'], { env })));
  const help = repeat(5, () => run(project, 'cb', ['--help']).seconds);
  const list = repeat(5, () => run(project, 'mops', ['jobs', 'list']).seconds);
  project.remove();
  const beside = `Node itself ${node.toFixed(3)} s`;
  return [
    { what: 'cb --help', value: help, unit: 's', aim: 'at most 0.15', beside },
    { what: 'mops jobs list', value: list, unit: 's', aim: 'at most 0.25', beside },
  ];
}
