import { checkOutputFile, writeOutputFile } from '@modelops/system';

/** Writes the files of `cb`. */
export interface StudyFiles {
  /** Writes nothing. @throws the errors of `checkOutputFile` */
  check(path: string, options: { readonly isForced: boolean }): Promise<void>;
  /** Writes the file in one step. @throws INTERRUPTED, and the errors of {@link check} */
  write(
    path: string,
    pieces: Iterable<string | Uint8Array>,
    options: { readonly isForced: boolean; readonly signal?: AbortSignal },
  ): Promise<void>;
}

export const studyFiles: StudyFiles = {
  check: async (path, options) => void (await checkOutputFile(path, options)),
  write: writeOutputFile,
};
