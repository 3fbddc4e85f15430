import { NOOP } from '../models.mjs';
import { freshProject, prepareStudy, run } from '../project.mjs';
import { timed } from '../timing.mjs';

export function measure() {
  const project = freshProject(NOOP);
  prepareStudy(project, 'models/model.ts:M', { sets: 256, replicates: 500 });
  const { seconds, stdout } = run(project, 'mops', ['jobs', 'submit', 'study.json', '--json']);
  const rest = timed(() => run(project, 'mops', ['jobs', 'wait', JSON.parse(stdout).job]));
  project.remove();
  return [
    { what: 'submit of 128,000 tasks, whole command', value: seconds, unit: 's', aim: 'at most 1 after start-up', beside: '' },
    { what: '128,000 no-op tasks, submit to succeeded', value: seconds + rest, unit: 's', aim: 'at most 4', beside: '' },
  ];
}
