import { describeChaos } from './chaos/describe-chaos.ts';

describeChaos('command', 4);
