/** What stands for the worker of a result that was imported, alone or before the worker that computed it elsewhere: no job here can make it again. */
const IMPORT = 'import';

/** The worker of an imported result. */
export function importingWorker(worker: string | undefined): string {
  return worker === undefined || isImported(worker) ? (worker ?? IMPORT) : `${IMPORT}:${worker}`;
}

export function isImported(worker: string): boolean {
  return worker === IMPORT || worker.startsWith(`${IMPORT}:`);
}

/** The worker that computed an imported result, and any other as it is. */
export function importedFrom(worker: string): string {
  return worker.startsWith(`${IMPORT}:`) ? worker.slice(IMPORT.length + 1) : worker;
}
