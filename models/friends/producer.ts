import { runProducer } from '@etalon/core/train';
import { type BatchInput, FriendBatches } from './batches.ts';

runProducer<BatchInput>((input) => new FriendBatches(input).make);
