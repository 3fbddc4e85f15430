import { readFileSync } from 'node:fs';

/** Memory limit and usage of the container that this process runs in. */
export interface ContainerMemory {
  /** Bytes; undefined if there is no limit. */
  readonly limit: number | undefined;
  /** The number of its processes that the kernel has killed for memory; undefined if unknown. */
  oomKills(): number | undefined;
}

const ROOT = '/sys/fs/cgroup';
const LIMIT_FILES = [`${ROOT}/memory.max`, `${ROOT}/memory/memory.limit_in_bytes`];
const COUNT_FILES = [`${ROOT}/memory.events`, `${ROOT}/memory/memory.oom_control`];
/** Version 1 reports a limit near 2^63 if there is none. */
const MIN_UNLIMITED = 2 ** 50;

type ReadText = (file: string) => string;

/** Reads the memory limits of the container's control group, version 2 or 1. */
export function readContainerMemory(read: ReadText = (file) => readFileSync(file, 'utf8')): ContainerMemory {
  const limit = firstNumber(LIMIT_FILES, (text) => Number(text.trim()), read);
  return {
    limit: limit !== undefined && limit < MIN_UNLIMITED ? limit : undefined,
    oomKills: () => firstNumber(COUNT_FILES, (text) => Number(/^oom_kill (\d+)$/m.exec(text)?.[1]), read),
  };
}

function firstNumber(files: readonly string[], parse: (text: string) => number, read: ReadText): number | undefined {
  for (const file of files) {
    try {
      const value = parse(read(file));
      if (Number.isFinite(value)) return value;
    } catch {} // the other version, or no control group
  }
  return undefined;
}

/** Formats bytes for people. */
export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
