import { rmSync } from 'node:fs';

/** Removes the file or folder if the process exits before the returned function is called: an exit runs no `finally`. */
export function removeOnExit(path: string): () => void {
  const remove = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', remove);
  return () => void process.off('exit', remove);
}
