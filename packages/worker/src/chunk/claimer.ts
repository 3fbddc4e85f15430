import type { Claim } from './claims.ts';

/** Claims of one lane, each asked for before it is needed, so that no host waits for the store. */
export interface Claimer {
  /** Asks for the next claim, unless that is done already. */
  ask(): void;
  /** The next claim; undefined when there is none left. */
  take(): Promise<Claim | undefined>;
  /** Gives a claim back that was asked for and not taken. */
  giveBack(): Promise<void>;
}

export function createClaimer(claims: AsyncIterator<Claim, void, void>, release: (claim: Claim) => Promise<unknown>): Claimer {
  let asked: Promise<Claim | undefined> | undefined;
  const next = () => {
    asked ??= claims.next().then(({ value }) => value ?? undefined);
    asked.catch(() => undefined); // the one who takes it is told
    return asked;
  };
  return {
    ask: () => void next(),
    async take() {
      const claim = await next();
      asked = undefined;
      return claim;
    },
    async giveBack() {
      const claim = await asked?.catch(() => undefined);
      // One that crashed before was this index's already and stays so.
      if (claim !== undefined && !claim.isCrashed) await release(claim);
    },
  };
}
