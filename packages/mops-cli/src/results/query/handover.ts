/** Passes values from one function to another, one at a time: the giver waits until a value has been used. */
export interface Handover<T> {
  /** Resolves when the taker wants the next value: false if it has stopped. */
  give(value: T): Promise<boolean>;
  end(): void;
  fail(error: unknown): void;
  taken(): AsyncGenerator<T>;
  stop(): void;
}

export function createHandover<T>(): Handover<T> {
  type Event = { readonly value: T } | { readonly error: unknown } | 'end';
  const events: Event[] = [];
  let wake = () => {};
  let answer: ((isWanted: boolean) => void) | undefined;
  let isStopped = false;
  const add = (event: Event) => {
    events.push(event);
    wake();
  };
  return {
    give(value) {
      if (isStopped) return Promise.resolve(false);
      add({ value });
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
    end: () => add('end'),
    fail: (error) => add({ error }),
    async *taken() {
      for (;;) {
        if (events.length === 0)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        const event = events.shift()!;
        if (event === 'end') return;
        if ('error' in event) throw event.error;
        yield event.value;
        answer?.(true);
      }
    },
    stop() {
      isStopped = true;
      answer?.(false);
    },
  };
}
