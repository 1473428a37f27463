import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../../core/base/index.ts';
import { createCpuDevice } from '../../../core/device/cpu/index.ts';
import type { Device, Feed } from '../../../core/device/index.ts';
import type { Adjacency } from '../../../core/graph/index.ts';
import { holdOut } from '../../../core/interactions/index.ts';
import { interpret } from '../../../core/tensor/index.ts';
import type { BatchSlot } from '../../../core/train/index.ts';
import { pins } from '../../../fixtures/interactions/pins.ts';
import { type PinBatchInput, pinBatches } from '../../../models/pins/batches.ts';
import { pinNetwork } from '../../../models/pins/network.ts';
import { feedOfPins, findNeighbours, type PreparedPins, preparePins } from '../../../models/pins/prepare.ts';
import { parsePinsSettings } from '../../../models/pins/settings.ts';
import { pinStates } from '../../../models/pins/states.ts';
import { type Matrix, plainLinear, rowsOf, weightsByName } from '../../support/plainGnn.ts';
import { relativeError } from '../../support/relativeError.ts';

const settings = parsePinsSettings({
  ...{ neighbours: 5, walks: 20, messageWidth: 6, width: 4, textBuckets: 8, batchPairs: 40 },
  ...{ negatives: 30, hardMost: 3, hardFrom: 5, hardTo: 40 },
});
const { data } = pins({ seed: 3, pins: 150, boards: 40, pairs: 400 });
const { known } = holdOut(data, 'savedNext', { way: 'time', test: 0.2, validation: 0, seed: 1 });

let device: Device;
let prepared: PreparedPins;
beforeAll(async () => {
  device = await createCpuDevice({ threads: 1 });
  prepared = await findNeighbours(
    preparePins(known, 'savedNext', settings, undefined),
    settings,
    quietContext,
  );
});
afterAll(() => device.dispose());

const network = () => pinNetwork(prepared.matrix.names.length, settings);
const weightsFor = () => network().layout.initialise(new Random(2));

/** Algorithms 1 and 2 with plain numbers, for all pins. */
function plainStates(weight: (name: string) => number[]): Matrix {
  const { offsets, neighbours, weights } = prepared.neighbours as Adjacency;
  const relu = (row: number[]) => row.map((value) => Math.max(0, value));
  let h = rowsOf(prepared.matrix.values, prepared.matrix.names.length);
  for (let k = 0; k < 2; k++) {
    const sent = h.map((row) => relu(plainLinear(weight, `convolution${k}.send`, row)));
    h = h.map((own, pin) => {
      const pooled = new Array<number>(6).fill(0);
      for (let i = offsets[pin]; i < offsets[pin + 1]; i++)
        sent[neighbours[i]].forEach((value, c) => {
          pooled[c] += weights![i] * value;
        });
      const z = relu(plainLinear(weight, `convolution${k}.update`, [...own, ...pooled]));
      const norm = Math.sqrt(z.reduce((sum, value) => sum + value * value, 1e-12));
      return z.map((value) => value / norm);
    });
  }
  const G2 = rowsOf(weight('G2'), 4);
  return h.map((row) => {
    const hidden = relu(plainLinear(weight, 'G1', row));
    return G2[0].map((_, c) => hidden.reduce((sum, value, i) => sum + value * G2[i][c], 0));
  });
}

describe('the network', () => {
  it('gives every pin what the algorithms give, once a layer for all', async () => {
    const parameters = weightsFor();
    const { items, users } = await pinStates(prepared, settings, parameters, device, quietContext);
    const expected = plainStates(weightsByName(network().layout, parameters)).flat();
    expect(relativeError(items, expected)).toBeLessThan(1e-5);
    expect(users).toBe(items);
  });

  it('gives pins the same by their localized convolutions alone', async () => {
    const parameters = weightsFor();
    const { items } = await pinStates(prepared, settings, parameters, device, quietContext);
    const asked = Int32Array.of(140, 3, 77, 3);
    const { flow, feed } = feedOfPins(prepared, settings, asked);
    const { outputs } = interpret(network().forward, { ...feed, parameters });
    asked.forEach((pin, i) => {
      const row = flow.seedRows[i];
      const own = outputs.states.subarray(4 * row, 4 * row + 4);
      expect(relativeError(own, items.subarray(4 * pin, 4 * pin + 4))).toBeLessThan(1e-5);
    });
  });
});

/** A batch as arrays, without a ring. */
function batch(number: number): Feed {
  const { graph, matrix } = prepared;
  const input: PinBatchInput = {
    ...{ neighbours: prepared.neighbours!, path: graph.path, features: matrix.values },
    ...{ width: matrix.names.length, pairs: graph.pairs, seed: 7, settings },
  };
  const feed: Record<string, Float32Array | Int32Array> = {};
  const take = <A extends Float32Array | Int32Array>(name: string, array: A): A => {
    feed[name] = array;
    return array;
  };
  const slot = {
    float32: (name: string, length: number) => take(name, new Float32Array(length)),
    int32: (name: string, length: number) => take(name, new Int32Array(length)),
  };
  pinBatches(input)(number, slot as unknown as BatchSlot);
  return feed;
}

const BATCHES = 8;

describe('batches', () => {
  it('have no hard negative in the first epoch and one more for each pair in each that follows', () => {
    const perPair = [0, 1, 2, 3, 4].map((epoch) => {
      const { hardPair, hardWeight, query } = batch(epoch * BATCHES);
      return hardWeight.every((weight: number) => weight === 0) ? 0 : hardPair.length / query.length;
    });
    expect(perPair.slice(0, 2)).toEqual([0, 1]);
    expect(perPair[2]).toBeCloseTo(2, 0);
    expect(perPair[3]).toBeCloseTo(3, 0);
    expect(perPair[4]).toBeCloseTo(3, 0);
  });

  it('share so many negatives, and take hard ones that are no known positive of their query', () => {
    const { graph } = prepared;
    const feed = batch(2 * BATCHES + 1);
    expect(feed.negative).toHaveLength(30);
    const { states } = pinsOf(feed);
    const positives = new Set(
      Array.from(graph.pairs.query, (query, i) => `${query} ${graph.pairs.positive[i]}`),
    );
    feed.query.forEach((row, i) => {
      expect(positives).toContain(`${states[row]} ${states[feed.positive[i]]}`);
    });
    feed.hard.forEach((row, i) => {
      expect(positives).not.toContain(`${states[feed.query[feed.hardPair[i]]]} ${states[row]}`);
    });
  });

  it('are the same for the same number, whatever was made before', () => {
    expect(batch(9)).toEqual(batch(9));
    expect(batch(9).query).not.toEqual(batch(10).query);
  });

  it('lose what the formula says', async () => {
    const parameters = weightsFor();
    const feed = batch(2 * BATCHES);
    const { outputs } = interpret(network().loss, { ...feed, parameters });
    const z = rowsOf(interpret(network().forward, { ...feed, parameters }).outputs.states as Float64Array, 4);
    const score = (a: number, b: number) => z[a].reduce((sum, value, k) => sum + value * z[b][k], 0);
    const hinge = (pair: number, other: number) =>
      Math.max(
        0,
        score(feed.query[pair], other) - score(feed.query[pair], feed.positive[pair]) + settings.margin,
      );
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const pairs = [...feed.query.keys()];
    const shared = mean(pairs.flatMap((pair) => [...feed.negative].map((other) => hinge(pair, other))));
    const hard = mean([...feed.hard].map((other, i) => hinge(feed.hardPair[i], other)));
    expect(outputs.shared[0]).toBeCloseTo(shared, 6);
    expect(outputs.hard[0]).toBeCloseTo(hard, 6);
    expect(outputs.loss[0]).toBeCloseTo(shared + settings.hardWeight * hard, 6);
  });
});

/** Which pin each row of the states is of: features tell them apart. */
function pinsOf(feed: Feed): { states: number[] } {
  const width = prepared.matrix.names.length;
  const key = (values: ArrayLike<number>, row: number) =>
    Array.from({ length: width }, (_, k) => values[row * width + k]).join();
  const byKey = new Map(
    Array.from({ length: prepared.graph.pins }, (_, pin) => [key(prepared.matrix.values, pin), pin]),
  );
  let rows = Array.from({ length: feed.x.length / width }, (_, row) => byKey.get(key(feed.x, row))!);
  for (const layer of [0, 1]) rows = Array.from(feed[`self${layer}`], (row) => rows[row]);
  return { states: rows };
}
