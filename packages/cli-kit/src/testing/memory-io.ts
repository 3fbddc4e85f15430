import type { Output, ProgramIo } from '../io.ts';

export interface MemoryOutput extends Output {
  readonly text: string;
  resize(columns: number, rows: number): void;
}

export interface MemoryIo extends ProgramIo {
  readonly stdout: MemoryOutput;
  readonly stderr: MemoryOutput;
  /** Statuses that {@link ProgramIo.exit} was called with. */
  readonly exits: readonly number[];
  interrupt(): void;
  type(keys: string): void;
  /** Moves the clock. */
  advance(milliseconds: number): void;
}

export interface MemoryIoOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly isTty?: boolean;
  readonly columns?: number;
}

/** A process in memory, for tests of programs: its output can be read, and its clock moves only by `advance`. */
export function createMemoryIo({ env = {}, cwd = process.cwd(), isTty = false, columns = 80 }: MemoryIoOptions = {}): MemoryIo {
  const listeners = new Set<() => void>();
  const typing = new Set<(keys: string) => void>();
  const exits: number[] = [];
  let time = 0;
  return {
    stdout: createMemoryOutput({ isTty, columns }),
    stderr: createMemoryOutput({ isTty, columns }),
    env,
    cwd,
    exits,
    now: () => time,
    advance: (milliseconds) => {
      time += milliseconds;
    },
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onKeys: (listener) => {
      typing.add(listener);
      return () => typing.delete(listener);
    },
    type: (keys) => {
      for (const listener of [...typing]) listener(keys);
    },
    interrupt: () => {
      for (const listener of [...listeners]) listener();
    },
    exit: (status) => {
      exits.push(status);
    },
  };
}

/** An output that keeps what is written. */
export function createMemoryOutput({ isTty = false, columns = 80 }: Pick<MemoryIoOptions, 'isTty' | 'columns'> = {}): MemoryOutput {
  const pieces: string[] = [];
  const listeners = new Set<() => void>();
  const size = { columns, rows: 24 };
  return {
    isTty,
    get columns() {
      return size.columns;
    },
    get rows() {
      return size.rows;
    },
    onResize: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    resize: (newColumns, rows) => {
      Object.assign(size, { columns: newColumns, rows });
      for (const listener of [...listeners]) listener();
    },
    get text() {
      return pieces.join('');
    },
    write: async (text) => {
      pieces.push(text);
    },
  };
}
