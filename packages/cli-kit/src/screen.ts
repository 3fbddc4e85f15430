import { escapeControls } from './escape-controls.ts';
import type { Output } from './io.ts';

/** The whole terminal, for a view that changes; its contents are restored when it is closed. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** Draws the text from the top; lines that do not fit are omitted. */
  show(text: string): void;
  /** Closing it twice does nothing. */
  close(): void;
}

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';

/** Opens the alternate screen of a terminal; undefined for a stream that is not one. */
export function openScreen(stream: Output, isColored: boolean): Screen | undefined {
  if (!stream.isTty) return undefined;
  const leave = () => void stream.write(LEAVE);
  // A process that ends without closing it leaves the terminal usable.
  process.once('exit', leave);
  void stream.write(ENTER);
  let isOpen = true;
  return {
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
    show: (text) => {
      // Each line is overwritten and its rest erased, so that nothing flickers.
      const lines = escapeControls(text, isColored).split('\n').slice(0, stream.rows);
      void stream.write(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`);
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      process.off('exit', leave);
      leave();
    },
  };
}
