import { runProducer } from '../../core/train/producers/index.ts';
import { prepareTestProducer } from './testProducer.ts';

runProducer(prepareTestProducer);
