export type { ProducerFigures } from './clock.ts';
export { ShuffledEpochs } from './epochs.ts';
export { type FlowTensors, flowFeed, flowFields, flowInputs, onBlock, writeFlow } from './flow.ts';
export { type ProducerOptions, Producers } from './producers.ts';
export type { BatchField, BatchSlot } from './ring.ts';
export { shareColumns } from './shared.ts';
export { type MakeBatch, runProducer } from './worker.ts';
