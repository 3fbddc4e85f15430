import type { ProgramIo } from './io.ts';
import { createLive, type Live } from './live.ts';
import { type Look, lookOf } from './look.ts';
import { createProgress, type Progress, silentProgress } from './progress.ts';

/** What a program says beside its result, on stderr. */
export interface Talk {
  /** Left out with `--quiet`. */
  note(text: string): void;
  /** Shown always. */
  warn(text: string): void;
  /** A bar that notes and warnings do not break; silent with `--quiet`. At most one at a time. */
  progress(): Progress;
  /** Text that follows what it tells of, on the same screen: for `--watch`. */
  live(): Live;
  /** How text on this screen may look. */
  readonly look: Look;
}

export function createTalk(
  { stderr, env, now }: Pick<ProgramIo, 'stderr' | 'env' | 'now'>,
  { isQuiet }: { readonly isQuiet: boolean },
): Talk {
  const look = lookOf(stderr, env);
  const { color } = look;
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
    look,
    live: () => createLive(stderr),
    progress: () => {
      progress.clear();
      progress = isQuiet ? silentProgress : createProgress({ stream: stderr, isTty: stderr.isTty, now });
      return progress;
    },
  };
}
