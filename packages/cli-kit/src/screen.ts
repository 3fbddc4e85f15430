import { escapeControls } from './escape-controls.ts';
import type { Output, ProgramIo } from './io.ts';

/** The size of a terminal in characters and lines. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** The whole terminal, for a view that changes; its contents are restored when it is closed. */
export interface Screen {
  /** Resolves when the user types `q`. */
  readonly quit: Promise<void>;
  /** Draws the text from the top, now and whenever the terminal's size changes; lines that do not fit are omitted. */
  show(textFor: (size: ScreenSize) => string): void;
  /** Closing it twice does nothing. */
  close(): void;
}

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';

/** Opens the alternate screen of a terminal; undefined for a stream that is not one. */
export function openScreen(stream: Output, { onKeys }: Pick<ProgramIo, 'onKeys'>, isColored: boolean): Screen | undefined {
  if (!stream.isTty) return undefined;
  const leave = () => void stream.write(LEAVE);
  // A process that ends without closing it leaves the terminal usable.
  process.once('exit', leave);
  void stream.write(ENTER);
  let textFor = (_size: ScreenSize) => '';
  let isOpen = true;
  const draw = () => {
    const { columns, rows } = stream;
    // Each line is overwritten and its rest erased, so that nothing flickers.
    const lines = escapeControls(textFor({ columns, rows }), isColored).split('\n').slice(0, rows);
    void stream.write(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`);
  };
  const stopResizing = stream.onResize(draw);
  let stopTyping = () => {};
  const quit = new Promise<void>((resolve) => {
    stopTyping = onKeys((keys) => {
      if (/q/i.test(keys)) resolve();
    });
  });
  return {
    quit,
    show: (next) => {
      textFor = next;
      draw();
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      stopResizing();
      stopTyping();
      process.off('exit', leave);
      leave();
    },
  };
}
