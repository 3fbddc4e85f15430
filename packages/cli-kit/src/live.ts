import { escapeControls } from './escape-controls.ts';
import type { Output } from './io.ts';

/** Text that is shown again as it changes. */
export interface Live {
  show(text: string): void;
  /** Removes the text from a terminal; printed text elsewhere remains. */
  clear(): void;
  /** Leaves the text on the terminal; later text is shown below it. */
  keep(): void;
}

/** On a terminal the text is rewritten in place; elsewhere it is printed each time it differs from the last. */
export async function openLive(stream: Output, isColored = false): Promise<Live> {
  if (!stream.isTty) return createPrinted(stream, isColored);
  // Loaded only by commands that draw: it takes 30 ms.
  const { createLogUpdate } = await import('log-update');
  // The members of a stream that log-update uses.
  const terminal = {
    write: (text: string) => void stream.write(text),
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
  };
  const render = createLogUpdate(terminal as unknown as NodeJS.WritableStream, { showCursor: true });
  return { show: (text) => render(escapeControls(text, isColored)), clear: () => render.clear(), keep: () => render.done() };
}

function createPrinted(stream: Output, isColored: boolean): Live {
  let shown: string | undefined;
  const nothing = () => undefined;
  return {
    clear: nothing,
    keep: nothing,
    show: (text) => {
      if (text !== shown) void stream.write(`${escapeControls(text, isColored)}\n`);
      shown = text;
    },
  };
}
