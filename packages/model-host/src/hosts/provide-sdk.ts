import * as sdk from '@modelops/sdk';
import { stoppingSdk } from './node/stopping-sdk.ts';

// Provides the sdk to compiled programs, see source/plugins.ts. Must be imported before a program is loaded.
const value = process.env.MODELOPS_DEBUGGER === '1' ? stoppingSdk(sdk) : sdk;
Object.defineProperty(globalThis, Symbol.for('modelops.sdk'), { value });
