import { runProducer } from '@etalon/core/train';
import { pinBatches } from './batches.ts';

/** The worker module of the threads that make batches of pins. */
runProducer(pinBatches);
