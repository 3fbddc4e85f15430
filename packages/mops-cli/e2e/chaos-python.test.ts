import { describeChaos } from './chaos/describe-chaos.ts';

describeChaos('python', 4);
