import { escapeControls } from './escape-controls.ts';
import type { ProgramIo } from './io.ts';
import { type Live, openLive } from './live.ts';
import { openProgress, type Progress, silentProgress } from './progress.ts';
import { openScreen, type Screen } from './screen.ts';
import { type Style, styleOf } from './style.ts';

/** Messages on stderr while a command runs. */
export interface Reporter {
  /** Omitted with `--quiet`. */
  note(text: string): void;
  /** Always shown. */
  warn(text: string): void;
  /** A progress bar that notes and warnings do not break; silent with `--quiet`. At most one at a time. */
  progress(): Promise<Progress>;
  /** Text that is rewritten in place as it changes: for `--watch`. */
  live(): Promise<Live>;
  /** The whole terminal, for a view that changes; undefined if stderr is not a terminal. */
  screen(): Screen | undefined;
  /** Colours and width of stderr. */
  readonly style: Style;
}

export function createReporter(
  { stderr, env, now, onKeys }: Pick<ProgramIo, 'stderr' | 'env' | 'now' | 'onKeys'>,
  { isQuiet }: { readonly isQuiet: boolean },
): Reporter {
  const style = styleOf(stderr, env);
  let progress = silentProgress;
  const print = (text: string) => {
    progress.clear();
    void stderr.write(`${escapeControls(text, style.color.isOn)}\n`);
  };
  return {
    note: (text) => {
      if (!isQuiet) print(text);
    },
    warn: (text) => print(`${style.color.yellow('warning:')} ${text}`),
    style,
    live: () => openLive(stderr, style.color.isOn),
    screen: () => openScreen(stderr, { onKeys }, style.color.isOn),
    progress: async () => {
      progress.clear();
      progress = isQuiet ? silentProgress : await openProgress(stderr, now);
      return progress;
    },
  };
}
