import * as sdk from '@modelops/sdk';
import { stoppingSdk } from './node/stopping-sdk.ts';

// Compiled programs read the sdk from here: see source/plugins.ts. Imported by every process that loads one, before it does.
const value = process.env.MODELOPS_DEBUGGER === '1' ? stoppingSdk(sdk) : sdk;
Object.defineProperty(globalThis, Symbol.for('modelops.sdk'), { value });
