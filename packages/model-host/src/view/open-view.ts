import { chmod, copyFile, link, mkdir, readdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, withTemporaryFolder } from '@modelops/system';

export interface ViewRequest {
  /** Folder of the bundle's verified files. */
  readonly root: string;
  /** The files that the model can see: sorted `/`-separated paths relative to `root`. */
  readonly files: readonly string[];
  /** Folder of this model's views, on the same disk as `root` if possible. */
  readonly dir: string;
}

/**
 * Opens the folder that a model runs in: exactly `files`, read-only (executable where they were), at their paths in the project. Files are hard links into `root`, or
 * copies if the file system has no links. Returns the folder, `<dir>/<n>`: the first one that is current. A folder that a model has changed is
 * never deleted or repaired, because other hosts may run in it; the next number is used instead. Several processes may open views at once.
 */
export async function openView({ root, files, dir }: ViewRequest): Promise<string> {
  for (let n = 0; ; n++) {
    const view = join(dir, String(n));
    const held = await filesIn(view);
    const isUsable = held === undefined ? await createView(root, files, view) : await isCurrent(root, files, { view, held });
    if (isUsable) return view;
    if (held === undefined) n--; // another process has created it: check it
  }
}

/** Creates the view in a temporary folder and renames it. False if another process created it first. */
async function createView(root: string, files: readonly string[], view: string): Promise<boolean> {
  await mkdir(dirname(view), { recursive: true });
  return withTemporaryFolder(join(dirname(view), '.view-'), async (temporary) => {
    for (const file of files) await place(join(root, file), join(temporary, file));
    try {
      await rename(temporary, view);
      return true;
    } catch (error) {
      if (['ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) return false;
      throw error;
    }
  });
}

async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await link(from, to).catch(() => copyFile(from, to));
  await chmod(to, (await stat(to)).mode & 0o100 ? 0o555 : 0o444);
}

interface HeldView {
  readonly view: string;
  readonly held: readonly string[];
}

async function isCurrent(root: string, files: readonly string[], { view, held }: HeldView): Promise<boolean> {
  if (held.length !== files.length || !files.every((file, at) => held[at] === file)) return false;
  for (const file of files) if (!(await isSameFile(join(root, file), join(view, file)))) return false;
  return true;
}

/** Every entry below the folder that is not a folder itself, sorted; undefined if the folder does not exist. */
async function filesIn(dir: string): Promise<string[] | undefined> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => undefined);
  return entries
    ?.filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
}

/** True for links to one file, and for copies with equal bytes. */
async function isSameFile(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([stat(a), stat(b)]);
  if (left.ino === right.ino && left.dev === right.dev) return true;
  return left.size === right.size && (await readFile(a)).equals(await readFile(b));
}
