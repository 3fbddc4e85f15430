import type { ProgramIo } from './io.ts';
import { createLive, type Live } from './live.ts';
import { createProgress, type Progress, silentProgress } from './progress.ts';
import { type Style, styleOf } from './style.ts';

/** Messages for a person while a command runs, on stderr. */
export interface Reporter {
  /** Omitted with `--quiet`. */
  note(text: string): void;
  /** Always shown. */
  warn(text: string): void;
  /** A bar that notes and warnings do not break; silent with `--quiet`. At most one at a time. */
  progress(): Progress;
  /** Text that is rewritten in place as it changes: for `--watch`. */
  live(): Live;
  /** Colours and width of stderr. */
  readonly style: Style;
}

export function createReporter(
  { stderr, env, now }: Pick<ProgramIo, 'stderr' | 'env' | 'now'>,
  { isQuiet }: { readonly isQuiet: boolean },
): Reporter {
  const style = styleOf(stderr, env);
  const { color } = style;
  let progress = silentProgress;
  const say = (text: string) => {
    progress.clear();
    void stderr.write(`${text}\n`);
  };
  return {
    note: (text) => {
      if (!isQuiet) say(text);
    },
    warn: (text) => say(`${color.yellow('warning:')} ${text}`),
    style,
    live: () => createLive(stderr),
    progress: () => {
      progress.clear();
      progress = isQuiet ? silentProgress : createProgress({ stream: stderr, isTty: stderr.isTty, now });
      return progress;
    },
  };
}
