import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NOOP } from '../models.mjs';
import { freshProject, run } from '../project.mjs';
import { repeat } from '../timing.mjs';

const FILES = 2000;
const BYTES = 25_000;

/** A push of a project in which nothing changed since the last push. */
export function measure() {
  const project = freshProject(NOOP);
  for (let i = 0; i < FILES; i++) {
    const folder = join(project.dir, `data/part-${i % 20}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${i}.csv`), `${i},`.repeat(BYTES / `${i},`.length));
  }
  run(project, 'modelops-bundle', ['init', 'bench']);
  run(project, 'modelops-bundle', ['register-model', 'models/model.ts']);
  const first = run(project, 'modelops-bundle', ['push']).seconds;
  const again = repeat(3, () => run(project, 'modelops-bundle', ['push']).seconds);
  project.remove();
  const beside = `first push ${first.toFixed(2)} s`;
  return [{ what: `push, nothing changed, ${FILES} files of ${BYTES} bytes`, value: again, unit: 's', aim: 'at most 1', beside }];
}
