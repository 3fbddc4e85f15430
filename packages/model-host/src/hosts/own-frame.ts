const PYTHON_FRAME = /^ *File "([^"]{1,500})", line (\d{1,9})/gm;
const NODE_FRAME = /^ *at .{0,500}?\(?((?:file:\/\/)?[^\s()]{1,500}):(\d{1,9}):\d{1,9}\)?$/gm;

/**
 * `models/seir.ts:12`: where the model's own code was when it failed. Its files are relative to the project; the innermost frame is the first that
 * Node prints and the last that Python prints. Null for a traceback without one.
 */
export function ownFrame(traceback: string): string | null {
  let inPython: string | null = null;
  for (const [, file, line] of traceback.matchAll(PYTHON_FRAME)) if (isOwn(file!)) inPython = `${file}:${line}`;
  if (inPython !== null) return inPython;
  // The rest of a trace is not searched: reports read thousands of failures.
  for (const [, file, line] of traceback.matchAll(NODE_FRAME)) if (isOwn(file!)) return `${file}:${line}`;
  return null;
}

/** ` at models/seir.ts:12`, to append to a message; empty for a traceback without a frame of the model. */
export function atOwnFrame(traceback: string): string {
  const frame = ownFrame(traceback);
  return frame === null ? '' : ` at ${frame}`;
}

function isOwn(file: string): boolean {
  return !/^(?:[a-z]+:|\/|<)/i.test(file) && !file.startsWith('node_modules/');
}
