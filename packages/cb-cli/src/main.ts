import { processIo, runProgram } from '@modelops/cli-kit';
import { cb } from './program.ts';

process.exitCode = await runProgram({
  ...cb,
  argv: process.argv.slice(2),
  io: processIo(),
  deps: async ({ cwd, reporter, signal }) => {
    const [{ openProject }, { studyFiles }] = await Promise.all([import('./project/project.ts'), import('./study/study-file.ts')]);
    const project = openProject(cwd);
    const read = async (source: string) => {
      const { describeModel } = await import('@modelops/model-host/describe');
      return describeModel({ projectDir: project.root, source });
    };
    return { models: { read }, project, files: studyFiles, reporter, signal };
  },
});
