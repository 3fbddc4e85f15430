import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';

/** Prints the paths of Python, its standard library and pip, and the extension modules whose libraries they need. */
const SURVEY = `
import json, os, pip, sys, sysconfig
stdlib = sysconfig.get_path("stdlib")
dynload = os.path.join(stdlib, "lib-dynload")
extensions = [os.path.join(dynload, name) for name in os.listdir(dynload) if name.endswith(".so")]
print(json.dumps({"executable": os.path.realpath(sys._base_executable), "stdlib": stdlib, "pip": os.path.dirname(pip.__file__), "extensions": extensions}))
`;
const surveySchema = z.object({ executable: z.string(), stdlib: z.string(), pip: z.string(), extensions: z.array(z.string()) });

/** Parts of the standard library that no environment needs. */
const LEFT_OUT = ['__pycache__', 'test', 'tests', 'site-packages', 'dist-packages', 'idlelib', 'turtledemo', 'ensurepip'];

/**
 * Builds an image with this machine's Python and pip on top of another, for use without a public registry. Null on a machine without Python or
 * pip, with the reason printed.
 */
export function makePythonImage(buildah: (...args: string[]) => string, base: string, folder: string): string | null {
  const { status, stdout, stderr } = spawnSync('python3', ['-c', SURVEY], { encoding: 'utf8' });
  if (status !== 0) {
    console.warn(`cannot build a Python image: ${stderr ?? 'python3 does not start'}`);
    return null;
  }
  const { executable, stdlib, pip, extensions } = surveySchema.parse(JSON.parse(stdout));
  const context = join(folder, 'python');
  const root = join(context, 'root');
  const place = (path: string) =>
    cpSync(path, join(root, path), { recursive: true, filter: (from) => from === path || !LEFT_OUT.includes(basename(from)) });
  for (const path of [executable, stdlib, pip]) place(path);
  for (const path of librariesOf([executable, ...extensions])) cpSync(realpathSync(path), join(root, path));
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
  symlinkSync(executable, join(root, 'usr/local/bin/python3'));
  writeFileSync(join(context, 'Dockerfile'), `FROM ${base}\nCOPY root/ /\n`);
  const name = 'localhost/python-base:test';
  // One layer: that of the lab's base image has no history, which buildah cannot build on twice.
  buildah('bud', '--isolation', 'chroot', '--squash', '--quiet', '--tag', name, context);
  return name;
}

function librariesOf(files: readonly string[]): string[] {
  const printed = files.map((file) => execFileSync('ldd', [file], { encoding: 'utf8' })).join('\n');
  const found = [...printed.matchAll(/(?:=> |^\s*)(\/\S+)/gm)].map(([, path]) => path!);
  return [...new Set(found)].filter((path) => dirname(path) !== '/');
}
