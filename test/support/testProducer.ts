import { EtalonError, randomStream } from '../../core/base/index.ts';
import { type Adjacency, NeighbourSampler } from '../../core/graph/index.ts';
import type { BatchField, MakeBatch } from '../../core/train/producers/index.ts';

/** What a thread of the producers' tests does besides sampling. */
export interface TestProducerInput {
  adjacency: Adjacency;
  seed: number;
  /** Longest pause before a batch, drawn for each. */
  pauseMs?: number;
  /** The number of a batch at which this happens. */
  at?: number;
  trouble?:
    | 'throws'
    | 'throws a RangeError'
    | 'exits'
    | 'crashes'
    | 'prepares badly'
    | 'does not fit'
    | 'hangs';
}

export const FIELDS: readonly BatchField[] = [
  { name: 'nodes', type: 'i32', capacity: 400 },
  { name: 'features', type: 'f32', capacity: 400 },
  { name: 'number', type: 'f32', capacity: 1 },
];

/** Sleeps without giving the thread away, as work would. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** What `at` and `trouble` ask for. */
function makeTrouble({ trouble }: TestProducerInput): void {
  if (trouble === 'throws')
    throw new EtalonError('input', 'The file is broken.', {
      where: { file: 'a.csv', line: 3 },
      remedy: 'Mend it.',
    });
  if (trouble === 'throws a RangeError') throw new RangeError('out of range');
  if (trouble === 'exits') process.exit(0);
  if (trouble === 'hangs') sleep(1e9);
  if (trouble === 'crashes') process.exit(7);
}

export function prepareTestProducer(input: TestProducerInput): MakeBatch {
  if (input.trouble === 'prepares badly') throw new EtalonError('not-found', 'There is no graph.');
  const sampler = new NeighbourSampler(input.adjacency, [3, 2]);
  return (batch, slot) => {
    const random = randomStream(input.seed, batch);
    if (input.pauseMs) sleep(Math.random() * input.pauseMs);
    if (batch === input.at) makeTrouble(input);
    const seeds = Int32Array.from({ length: random.int(12) }, () => random.int(input.adjacency.rows));
    const { nodes } = sampler.sample(seeds, random);
    const length = batch === input.at && input.trouble === 'does not fit' ? 401 : nodes.length;
    const features = slot.float32('features', length);
    slot.int32('nodes', nodes.length).set(nodes);
    nodes.forEach((node, i) => {
      features[i] = node + random.uniform();
    });
    slot.float32('number', 1)[0] = batch;
  };
}
