import { describeObjectStore } from '@modelops/testkit';
import { createMemoryObjectStore } from './memory-object-store.ts';

describeObjectStore('memory', async () => createMemoryObjectStore());
