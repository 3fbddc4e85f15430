import { describe, expect, it } from 'vitest';
import { createClaimer } from './claimer.ts';
import type { Claim } from './claims.ts';

function claimsOf(...claims: Claim[]) {
  const made: number[] = [];
  const released: number[] = [];
  async function* generate(): AsyncGenerator<Claim, void, void> {
    for (const claim of claims) {
      made.push(claim.chunk);
      yield claim;
    }
  }
  const claimer = createClaimer(generate(), async ({ chunk }) => released.push(chunk));
  return { claimer, made, released };
}

const chunk = (number: number, isCrashed = false): Claim => ({ chunk: number, isCrashed });

describe('a lane’s claimer', () => {
  it('makes a claim when it is asked, once, and hands it over when it is taken', async () => {
    const { claimer, made } = claimsOf(chunk(1), chunk(2));
    claimer.ask();
    claimer.ask();
    expect(await claimer.take()).toEqual(chunk(1));
    expect(made).toEqual([1]);
    expect(await claimer.take()).toEqual(chunk(2));
    expect(await claimer.take()).toBeUndefined();
  });

  it('gives back what was asked for and not taken, so that another may run it', async () => {
    const { claimer, released } = claimsOf(chunk(1), chunk(2));
    await claimer.take();
    claimer.ask();
    await claimer.giveBack();
    expect(released).toEqual([2]);
  });

  it('keeps what crashed before and what was taken', async () => {
    const { claimer, released } = claimsOf(chunk(1), chunk(2, true));
    await claimer.take();
    await claimer.giveBack();
    claimer.ask();
    await claimer.giveBack();
    expect(released).toEqual([]);
  });

  it('tells the one who takes a claim why there is none', async () => {
    async function* failing(): AsyncGenerator<Claim, void, void> {
      yield* [];
      throw new Error('the store is out of reach');
    }
    const claimer = createClaimer(failing(), async () => undefined);
    claimer.ask();
    await expect(claimer.take()).rejects.toThrow('out of reach');
  });
});
