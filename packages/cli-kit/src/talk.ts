import type { ProgramIo } from './io.ts';
import { lookOf } from './look.ts';
import { createProgress, type Progress, silentProgress } from './progress.ts';

/** What a program says beside its result, on stderr. */
export interface Talk {
  /** Left out with `--quiet`. */
  note(text: string): void;
  /** Shown always. */
  warn(text: string): void;
  /** A bar that notes and warnings do not break; silent with `--quiet`. At most one at a time. */
  progress(): Progress;
}

export function createTalk(
  { stderr, env, now }: Pick<ProgramIo, 'stderr' | 'env' | 'now'>,
  { isQuiet }: { readonly isQuiet: boolean },
): Talk {
  const { color } = lookOf(stderr, env);
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
    progress: () => {
      progress.clear();
      progress = isQuiet ? silentProgress : createProgress({ stream: stderr, isTty: stderr.isTty, now });
      return progress;
    },
  };
}
