import { readFileSync } from 'node:fs';

/** Memory limit and usage of the container that this process runs in. */
export interface ContainerMemory {
  /** Bytes; undefined where there is no limit. */
  readonly limit: number | undefined;
  /** How many processes of it the kernel has killed for memory so far; undefined where nothing counts them. */
  oomKills(): number | undefined;
}

const ROOT = '/sys/fs/cgroup';
const LIMIT_FILES = [`${ROOT}/memory.max`, `${ROOT}/memory/memory.limit_in_bytes`];
const COUNT_FILES = [`${ROOT}/memory.events`, `${ROOT}/memory/memory.oom_control`];
/** Version 1 writes a limit near 2^63 where there is none. */
const LEAST_UNLIMITED = 2 ** 50;

type ReadText = (file: string) => string;

/** The container's memory by its control group, of version 2 or 1. */
export function readContainerMemory(read: ReadText = (file) => readFileSync(file, 'utf8')): ContainerMemory {
  const limit = firstNumber(LIMIT_FILES, (text) => Number(text.trim()), read);
  return {
    limit: limit !== undefined && limit < LEAST_UNLIMITED ? limit : undefined,
    oomKills: () => firstNumber(COUNT_FILES, (text) => Number(/^oom_kill (\d+)$/m.exec(text)?.[1]), read),
  };
}

function firstNumber(files: readonly string[], parse: (text: string) => number, read: ReadText): number | undefined {
  for (const file of files) {
    try {
      const value = parse(read(file));
      if (Number.isFinite(value)) return value;
    } catch {} // the other version, or no control group at all
  }
  return undefined;
}

/** Bytes for people. */
export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
