import { localEnvironment } from '@modelops/contracts';
import { type Files, makeFiles, PROJECT } from '@modelops/model-host/testing';
import { initProject } from '../project/project.ts';
import { registerModel, registerTarget } from '../project/register.ts';

/** A bundle project named team/epi-sim with its model and target registered. */
export async function makeProject(files: Files = PROJECT): Promise<string> {
  const dir = makeFiles(files);
  await initProject(dir, 'team/epi-sim', localEnvironment('/nowhere'));
  await registerModel(dir, 'models/seir.ts:Seir');
  await registerTarget(dir, 'targets/prevalence.ts:prevalence');
  return dir;
}
