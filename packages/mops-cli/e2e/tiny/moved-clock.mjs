// Preloaded into every process of a test: the wall clock is off by the milliseconds in the file MOVED_CLOCK, from one moment to the next.
// The system's own clock cannot be moved for one test; the clock that never goes back is left alone, as it would be.
import { readFileSync } from 'node:fs';

const RealDate = Date;
const offset = () => Number(readFileSync(process.env.MOVED_CLOCK, 'utf8'));

globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [RealDate.now() + offset()] : args));
  }
  static now() {
    return RealDate.now() + offset();
  }
};
