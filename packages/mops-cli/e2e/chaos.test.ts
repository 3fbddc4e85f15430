import { describeChaos } from './chaos/describe-chaos.ts';

describeChaos('node', 40);
