// Runs a program of this checkout in the user's current folder: `pnpm mops jobs list`. Rebuilds it first if its sources are newer.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildAll } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const homes = { cb: 'cb-cli', mops: 'mops-cli', 'modelops-bundle': 'bundle', 'mops-worker': 'worker' };

await buildAll();
const [, , program, ...args] = process.argv;
const file = join(root, 'packages', homes[program], 'dist', `${program}.js`);
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
process.argv = [process.execPath, file, ...args];
await import(pathToFileURL(file).href);
