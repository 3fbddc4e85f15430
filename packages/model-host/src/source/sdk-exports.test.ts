import * as sdk from '@modelops/sdk';
import { expect, it } from 'vitest';
import { SDK_EXPORTS } from './sdk-exports.ts';

it('a program can import whatever the sdk exports', () => {
  expect(SDK_EXPORTS).toEqual(Object.keys(sdk).sort());
});
