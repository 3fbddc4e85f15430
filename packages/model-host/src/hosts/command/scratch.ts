import {
  type Dirent,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { CommandProgram } from '../../command/command-file.ts';
import { fillPlaceholders, type TaskTexts } from '../../command/placeholders.ts';

/** The files that every task of a model has in its folder. */
export interface SharedFiles {
  readonly view: string;
  /** Linked files of the view: all except templates that are filled in place. */
  readonly linked: readonly string[];
  /** Folders of the project that have such files, of declared outputs and of filled templates; parents first. */
  readonly folders: readonly string[];
  /** The text to fill, by the path of the filled file. */
  readonly templates: ReadonlyMap<string, string>;
}

/** Reads the files that a model's tasks share: those of its view, except the program. */
export function readSharedFiles(view: string, program: string, { folder, templates, outputs }: CommandProgram): SharedFiles {
  const texts = new Map(templates.map(({ from, to }) => [posix.join(folder, to), readFileSync(join(view, from), 'utf8')]));
  const linked = filesBelow(view, '').filter((file) => join(view, file) !== program && !texts.has(file));
  const made = Object.values(outputs).map(({ file }) => posix.join(folder, file));
  const folders = new Set([...linked, ...texts.keys(), ...made].map((file) => dirname(file)).filter((dir) => dir !== '.'));
  if (folder !== '') folders.add(folder);
  return { view, linked, folders: [...folders].sort(), templates: texts };
}

function filesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(root, path) : [path];
  });
}

/** The folder of one task: the model's files as links, the filled templates, `params.json`; and a folder for temporary files. */
export interface TaskFolder {
  /** The command's working folder: that of `modelops.yaml`. */
  readonly cwd: string;
  readonly temporary: string;
  remove(): void;
}

const PARAMS = 'params.json';

/** Makes the folders of tasks below `root`, one at a time: each is removed before the next is made. */
export type MakeTaskFolder = (texts: TaskTexts, params: object) => TaskFolder;

export function createTaskFolders(root: string, { view, linked, folders, templates }: SharedFiles, folder: string): MakeTaskFolder {
  const dir = join(root, 'task');
  const temporary = join(root, 'tmp');
  const cwd = join(dir, folder);
  const targets = new Map(linked.map((file) => [file, join(view, file)]));
  const written = new Set([...templates.keys(), posix.join(folder, PARAMS)]);
  /** Links and written files that the last task left in place: making one takes 0.1 ms. */
  let kept: ReadonlySet<string> = new Set();
  const isIntact = (entry: Dirent) => {
    if (entry.isSymbolicLink()) return targets.has(entry.name) && readlinkSync(join(dir, entry.name)) === targets.get(entry.name);
    return written.has(entry.name) && entry.isFile() && isLikeNew(lstatSync(join(dir, entry.name)));
  };

  return (texts, params) => {
    mkdirSync(dir, { recursive: true });
    mkdirSync(temporary, { recursive: true });
    for (const each of folders) mkdirSync(join(dir, each), { recursive: true });
    for (const [file, target] of targets) if (!kept.has(file)) symlinkSync(target, join(dir, file));
    kept = new Set();
    for (const [path, text] of templates) writeFileSync(join(dir, path), fillPlaceholders(text, texts));
    writeFileSync(join(cwd, PARAMS), `${JSON.stringify(params, null, 2)}\n`);
    return {
      cwd,
      temporary,
      remove() {
        kept = emptyFolder(dir, isIntact);
        emptyFolder(temporary);
      },
    };
  };
}

/** A folder that held more entries, and from then on has a large index, is not used again. */
const MAX_ENTRIES = 100;

/**
 * Empties a folder for the next task, except for the entries that `isKept` accepts, and returns their names; removes it if that would differ from a
 * new one. A new folder for each task would cost 0.4 ms.
 */
function emptyFolder(folder: string, isKept: (entry: Dirent) => boolean = () => false): ReadonlySet<string> {
  const entries = isAsNew(folder) ? readdirSync(folder, { withFileTypes: true }) : undefined;
  if (entries === undefined || entries.length > MAX_ENTRIES) {
    rmSync(folder, { recursive: true, force: true });
    return new Set();
  }
  const kept = new Set(entries.filter(isKept).map(({ name }) => name));
  for (const entry of entries) if (!kept.has(entry.name)) remove(join(folder, entry.name), entry.isDirectory());
  return kept;
}

function remove(path: string, isFolder: boolean): void {
  if (isFolder) rmSync(path, { recursive: true });
  else unlinkSync(path);
}

/** Whether writing a file anew would leave no trace of the command: it has one name, and the permissions of a new file. */
function isLikeNew({ nlink, mode }: Stats): boolean {
  return nlink === 1 && (mode & 0o7777) === (0o666 & ~process.umask());
}

/** Whether the command left the folder with the permissions of a new one. */
function isAsNew(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && (stat.mode & 0o7777) === (0o777 & ~process.umask());
}
