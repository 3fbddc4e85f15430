import * as sdk from '@modelops/sdk';

// Compiled programs read the sdk from here: see source/plugins.ts. Imported by every process that loads one, before it does.
Object.defineProperty(globalThis, Symbol.for('modelops.sdk'), { value: sdk });
