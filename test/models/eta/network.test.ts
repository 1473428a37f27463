import { describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../../core/base/index.ts';
import { type Device, type Feed, openDevice } from '../../../core/device/index.ts';
import { NO_OBSERVATIONS } from '../../../core/roads/index.ts';
import { gradients, interpret, programInputs, Trace } from '../../../core/tensor/index.ts';
import {
  ADAM_DEFAULTS,
  initialTrainingState,
  type StepOptions,
  stepScalars,
  trainingProgram,
} from '../../../core/train/index.ts';
import { batchSource, forwardFeed, labelScale, lossFeed } from '../../../models/eta/batch.ts';
import { batchesByHorizon, trainableHorizons } from '../../../models/eta/horizons.ts';
import { LOSS_PARTS } from '../../../models/eta/losses.ts';
import { etaNetwork } from '../../../models/eta/network.ts';
import { cutPaths, type Stretch, wholePaths } from '../../../models/eta/paths.ts';
import { predictRoutes, predictStretches } from '../../../models/eta/predictRoutes.ts';
import { prepareTraining, splitByDays } from '../../../models/eta/prepare.ts';
import { parseEtaSettings } from '../../../models/eta/settings.ts';

import { gridNetwork } from '../../support/gridNetwork.ts';
import { relativeError } from '../../support/relativeError.ts';
import { changingTraffic } from '../../support/smallCity.ts';

async function prepared(given: Record<string, unknown> = {}) {
  const network = gridNetwork(5, 4);
  const trips = changingTraffic(network, { days: 3, perDay: 80, seed: 2 });
  const data = { network, trips, observations: NO_OBSERVATIONS, ...splitByDays(trips, 0.3) };
  const settings = parseEtaSettings({ hidden: 8, ...given });
  const parts = await prepareTraining(data, settings, 1, quietContext);
  const { models, paths, shape } = parts;
  const source = batchSource({ network, ...parts }, settings);
  const labelled = (stretches: Stretch[], meanS = 100) =>
    lossFeed(source, stretches, labelScale(settings, meanS), new Random(5));
  return { trips, models, paths, shape, settings, source, labelled, eta: etaNetwork(shape, settings) };
}
const ready = prepared();

describe('a network that has learned nothing', () => {
  it('says what the segment model expects, but for a trace of delay that is the same everywhere', async () => {
    const { trips, models, source, paths, eta } = await ready;
    const positions = [0, 5, 90, 200];
    const feed = forwardFeed(source, wholePaths(paths, positions));
    const parameters = eta.layout.initialise(new Random(3));
    const { seconds, total } = interpret(eta.forward, { ...feed, parameters }).outputs;
    const expectedS = feed.expectedS as Float32Array;
    const delayS = seconds[0] - expectedS[0];
    expect(delayS).toBeGreaterThan(0);
    expect(delayS).toBeLessThan(0.1);
    seconds.forEach((value, i) => {
      expect(value).toBeCloseTo(expectedS[i] + delayS, 9);
    });
    positions.forEach((trip, i) => {
      const length = trips.offsets[trip + 1] - trips.offsets[trip];
      const byModel = models.modelAt(trips.localDepartS[trip]).predictTrip(trips, trip);
      expect(total[i]).toBeCloseTo(byModel + length * delayS, 3);
    });
  });
});

describe('programs', () => {
  it('read every input that a batch feeds, and no other', async () => {
    const { source, paths, eta, labelled } = await ready;
    const stretches = wholePaths(paths, [1, 2]);
    const inputs = (program: typeof eta.loss) => [...programInputs(program).keys()].sort();
    expect(inputs(eta.forward)).toEqual(
      [...Object.keys(forwardFeed(source, stretches)), 'parameters'].sort(),
    );
    const fed = labelled(stretches);
    expect(inputs(eta.loss)).toEqual([...Object.keys(fed), 'parameters'].sort());
  });

  it('run on the CPU device as in the reference, whatever the weights', async () => {
    const { paths, eta, labelled } = await ready;
    const random = new Random(6);
    const parameters = eta.layout.initialise(random).map((w) => w + 0.05 * random.normal());
    const feed = labelled(wholePaths(paths, [7, 8, 150]), 150);
    const device = await openDevice('cpu');
    try {
      for (const program of [eta.forward, eta.loss]) {
        const own = Object.fromEntries(
          Object.entries(feed).filter(([name]) => programInputs(program).has(name)),
        );
        const executable = await device.compile(program);
        const actual = await executable.run({ ...own, parameters });
        const { outputs } = interpret(program, { ...own, parameters });
        for (const [name, values] of Object.entries(outputs))
          expect(relativeError(actual[name], values), name).toBeLessThanOrEqual(1e-4);
      }
    } finally {
      await device.dispose();
    }
  });

  it('give a path the same time alone and among others', async () => {
    const { source, paths, eta } = await ready;
    const random = new Random(7);
    const parameters = Float64Array.from(eta.layout.initialise(random), (w) => w + 0.05 * random.normal());
    const totals = (positions: number[]) =>
      interpret(eta.forward, { ...forwardFeed(source, wholePaths(paths, positions)), parameters }).outputs
        .total;
    const together = totals([3, 50, 4]);
    expect(together[1]).toBeCloseTo(totals([50])[0], 9);
  });
});

describe('every part that a run may have', () => {
  const everything = {
    trafficWindows: 'on',
    neighbourTurns: 2,
    supersegmentEmbedding: 3,
    supersegments: 20,
    supersegmentLength: 4,
    errorScale: 'freeFlow',
    traversalHuber: 1,
    traversalLogHuber: 0.5,
    cumulativeHuber: 0.7,
    infomax: 0.2,
    autoEncoder: 0.3,
  };

  it('is in one program, whose inputs a batch feeds and whose loss is the weighted sum of its parts', async () => {
    const { settings, paths, eta, labelled } = await prepared(everything);
    const feed = labelled(wholePaths(paths, [7, 8, 150]));
    expect([...programInputs(eta.loss).keys()].sort()).toEqual([...Object.keys(feed), 'parameters'].sort());
    const random = new Random(4);
    const parameters = eta.layout.initialise(random).map((w) => w + 0.05 * random.normal());
    const { outputs } = interpret(eta.loss, { ...feed, parameters });
    const parts = Object.entries(outputs).filter(([name]) => name !== 'loss');
    expect(parts.map(([name]) => name).sort()).toEqual(
      LOSS_PARTS.filter((part) => part !== 'intervalPinball').sort(),
    );
    const total = parts.reduce((sum, [name, [value]]) => sum + value * settings[name as 'nodeHuber'], 0);
    expect(outputs.loss[0]).toBeCloseTo(total, 9);
  });

  it('compares cumulative times with what was driven from the start to places on the path', async () => {
    const { paths, trips, labelled } = await prepared(everything);
    const feed = labelled(wholePaths(paths, [7]));
    const begin = trips.offsets[7];
    const length = trips.offsets[8] - begin;
    expect(feed.prefixObservedS).toHaveLength(length);
    let seconds = 0;
    for (let k = 0; k < length; k++) {
      seconds += trips.segmentS![begin + k];
      expect(feed.prefixObservedS[k]).toBeCloseTo(seconds, 3);
      expect([...feed.prefixNode].filter((_, i) => feed.prefixOf[i] === k)).toEqual([...Array(k + 1).keys()]);
    }
  });

  it('has no edge where edges are off: no segment then learns of another but through the path', async () => {
    const { paths, eta, source } = await prepared({ edges: 'off', neighbourTurns: 1 });
    const feed = forwardFeed(source, wholePaths(paths, [7, 8]));
    expect(feed.senders).toHaveLength(0);
    expect([...feed.onRoute].every((on) => on === 1)).toBe(true);
    const parameters = eta.layout.initialise(new Random(4));
    expect([...interpret(eta.forward, { ...feed, parameters }).outputs.total].every((s) => s > 0)).toBe(true);
  });

  it('asks supersegments one after the other, each at the horizon that the ones before it reached', async () => {
    const { paths, eta, source, settings } = await prepared({
      routeBy: 'supersegments',
      supersegmentLength: 3,
    });
    const random = new Random(4);
    const parameters = eta.layout.initialise(random).map((w) => w + 0.05 * random.normal());
    const device = await openDevice('cpu');
    try {
      const forward = await device.compile(eta.forward);
      const positions = [7, 8, 90];
      const together = await predictRoutes(forward, source, positions, parameters, settings);
      const cuts = cutPaths(paths, positions, 3);
      for (const [route, stretches] of cuts.entries()) {
        let elapsedS = 0;
        for (const stretch of stretches) {
          const [seconds] = (await predictStretches(forward, source, [{ ...stretch, elapsedS }], parameters))
            .totalS;
          elapsedS += seconds;
        }
        const constant = stretches.length > 1 ? paths.tripConstantS[positions[route]] : 0;
        expect(together.totalS[route]).toBeCloseTo(elapsedS + constant, 2);
      }
      expect(together.secondsS).toHaveLength(
        positions.reduce((sum, trip) => sum + paths.trips.offsets[trip + 1] - paths.trips.offsets[trip], 0),
      );
    } finally {
      await device.dispose();
    }
  });
});

/** A few steps on a device: the weights after them, and the norms of the gradients. */
async function trainOn(
  device: Device,
  { loss, layout }: ReturnType<typeof etaNetwork>,
  { start, batches, options }: { start: Float32Array; batches: readonly Feed[]; options: StepOptions },
) {
  const step = await device.compile(trainingProgram(loss, options));
  for (const [name, values] of Object.entries(initialTrainingState(layout, start, options)))
    await step.setState(name, values);
  const norms: number[] = [];
  for (const [i, batch] of batches.entries())
    norms.push((await step.run({ ...batch, ...stepScalars(i + 1, 0.01, options) })).gradientNorm[0]);
  return { weights: await step.getState('parameters'), norms };
}

describe('members', () => {
  const one = { hidden: 6, segmentEmbedding: 3, clipNorm: 0.02 };
  const pair = prepared({ ...one, members: 2 });
  const halves = (flat: ArrayLike<number>) => {
    const half = flat.length / 2;
    return [Array.from(flat).slice(0, half), Array.from(flat).slice(half)];
  };

  it('start apart, and the first as it would alone', async () => {
    const { eta, shape, settings } = await pair;
    const [first, second] = halves(eta.layout.initialise(new Random(9)));
    const alone = etaNetwork(shape, { ...settings, members: 1 });
    expect(first).toEqual([...alone.layout.initialise(new Random(9))]);
    expect(second).not.toEqual(first);
    const names = eta.layout.parameters.map(({ name }) => name);
    expect(names.slice(names.length / 2)).toEqual(
      alone.layout.parameters.map(({ name }) => `member2.${name}`),
    );
  });

  it('answer by their mean', async () => {
    const { eta, shape, settings, source, paths } = await pair;
    const random = new Random(4);
    const parameters = eta.layout.initialise(random).map((w) => w + 0.05 * random.normal());
    const feed = forwardFeed(source, wholePaths(paths, [7, 8, 150]));
    const together = interpret(eta.forward, { ...feed, parameters }).outputs;
    const alone = etaNetwork(shape, { ...settings, members: 1 });
    const each = halves(parameters).map(
      (own) => interpret(alone.forward, { ...feed, parameters: Float64Array.from(own) }).outputs,
    );
    for (const name of ['seconds', 'total', 'logSigma']) {
      expect(each[0][name][0]).not.toBeCloseTo(each[1][name][0], 4);
      together[name].forEach((value, i) => {
        expect(value).toBeCloseTo((each[0][name][i] + each[1][name][i]) / 2, 9);
      });
    }
  });

  it('learn side by side what each learns alone from the same batches', async () => {
    const { eta, shape, settings, labelled, paths } = await pair;
    const alone = etaNetwork(shape, { ...settings, members: 1 });
    const start = eta.layout.initialise(new Random(9));
    const batches = [
      [1, 2, 3],
      [40, 41],
      [7, 90, 150, 151],
    ].map((trips) => labelled(wholePaths(paths, trips)));
    const device = await openDevice('cpu');
    try {
      const options = { ...ADAM_DEFAULTS, clipNorm: settings.clipNorm };
      const together = await trainOn(device, eta, { start, batches, options: { ...options, clipParts: 2 } });
      for (const [i, own] of halves(start).entries()) {
        const by = await trainOn(device, alone, { start: Float32Array.from(own), batches, options });
        expect(Math.max(...by.norms)).toBeGreaterThan(settings.clipNorm);
        expect(relativeError(halves(together.weights)[i], by.weights)).toBeLessThan(1e-6);
      }
    } finally {
      await device.dispose();
    }
  });
});

describe('a network for each horizon', () => {
  const settings = {
    horizons: 'each',
    routeBy: 'supersegments',
    supersegmentLength: 3,
    hidden: 6,
    members: 2,
  };
  // By the traffic of these trips of minutes all starts are near 0: three horizons are put in by hand.
  const horizons = 3;
  const each = prepared(settings).then((parts) => {
    const shape = { ...parts.shape, horizons };
    return { ...parts, shape, source: { ...parts.source, horizons }, eta: etaNetwork(shape, parts.settings) };
  });
  const blocks = (flat: Float32Array) =>
    Array.from({ length: horizons }, (_, h) =>
      flat.slice((h * flat.length) / 3, ((h + 1) * flat.length) / 3),
    );

  it('answers by the parameters of the horizon that its stretch begins at, the last for all later', async () => {
    const { eta, shape, settings, source, paths } = await each;
    const random = new Random(4);
    const parameters = eta.layout.initialise(random).map((w) => w + 0.05 * random.normal());
    const one = etaNetwork({ ...shape, horizons: 1 }, settings);
    const device = await openDevice('cpu');
    try {
      const forward = await device.compile(eta.forward);
      const plain = await device.compile(one.forward);
      const starts = [0, 1250, 290, 310, 5000, 700];
      const stretches = starts.map((elapsedS, i) => ({ ...wholePaths(paths, [7 + i])[0], elapsedS }));
      const together = await predictStretches(forward, source, stretches, parameters);
      let node = 0;
      for (const [i, horizon] of [0, 2, 0, 1, 2, 1].entries()) {
        const own = { ...source, horizons: 1 };
        const alone = await predictStretches(plain, own, [stretches[i]], blocks(parameters)[horizon]);
        expect(together.totalS[i]).toBeCloseTo(alone.totalS[0], 3);
        expect(together.logSigma[i]).toBeCloseTo(alone.logSigma[0], 5);
        const seconds = together.secondsS.subarray(node, node + alone.secondsS.length);
        expect(relativeError(seconds, alone.secondsS)).toBeLessThan(1e-5);
        node += alone.secondsS.length;
      }
      expect(together.secondsS).toHaveLength(node);
    } finally {
      await device.dispose();
    }
  });

  it('learns from its own batches alone, and the first starts as one for all would', async () => {
    const { eta, shape, settings, labelled, source, paths } = await each;
    const one = etaNetwork({ ...shape, horizons: 1 }, settings);
    const start = eta.layout.initialise(new Random(9));
    expect(blocks(start)[0]).toEqual(one.layout.initialise(new Random(9)));
    const stretches = wholePaths(paths, [7, 8]).map((stretch) => ({ ...stretch, elapsedS: 600 }));
    const feed = { ...labelled(stretches), horizon: Int32Array.of(1) };
    const { trace, tensors } = Trace.from(eta.loss);
    const loss = tensors[eta.loss.outputs.find(({ name }) => name === 'loss')!.id];
    const [gradient] = gradients(loss, [trace.inputNamed('parameters')]);
    const out = interpret(trace.program({ gradient }), { ...feed, parameters: start }).outputs.gradient;
    const sizes = blocks(Float32Array.from(out)).map((part) => Math.max(...part.map(Math.abs)));
    expect([sizes[0], sizes[2]]).toEqual([0, 0]);
    expect(sizes[1]).toBeGreaterThan(0);
    expect(() => forwardFeed(source, [stretches[0], ...wholePaths(paths, [9])])).toThrow('several horizons');

    const device = await openDevice('cpu');
    try {
      const options = { ...ADAM_DEFAULTS, weightDecay: 0, clipNorm: 0.1 };
      const { horizon: _, ...plainFeed } = feed;
      const together = await trainOn(device, eta, {
        start,
        batches: [feed, feed],
        options: { ...options, clipParts: 2 * horizons },
      });
      const alone = await trainOn(device, one, {
        start: blocks(start)[1],
        batches: [plainFeed, plainFeed],
        options: { ...options, clipParts: 2 },
      });
      const [first, second, third] = blocks(together.weights);
      expect([first, third]).toEqual([blocks(start)[0], blocks(start)[2]]);
      expect(second).not.toEqual(blocks(start)[1]);
      expect(relativeError(second, alone.weights)).toBeLessThan(1e-5);
    } finally {
      await device.dispose();
    }
  });

  it('is there for horizons that trips reach often enough, without a gap', async () => {
    const { paths, shape: fitted } = await prepared(settings);
    expect(fitted.horizons).toBe(1);
    const at = (minutes: number, count: number) =>
      Array.from({ length: count }, () => ({ path: 0, start: 0, end: 2, elapsedS: 60 * minutes }));
    expect(trainableHorizons(paths, [...at(4, 300), ...at(11, 250), ...at(24, 220)])).toBe(3);
    expect(trainableHorizons(paths, [...at(0, 300), ...at(11, 150), ...at(20, 300)])).toBe(1);
    expect(
      trainableHorizons(
        paths,
        [0, 10, 20, 30, 40, 50, 60, 90].flatMap((m) => at(m, 200)),
      ),
    ).toBe(7);
  });

  it('makes no sense of whole paths, which all begin at their departure', async () => {
    await expect(prepared({ horizons: 'each' })).rejects.toMatchObject({
      code: 'usage',
      where: { field: 'horizons' },
    });
  });
});

describe('batches by horizon', () => {
  it('hold every stretch once, each batch of one horizon and no larger than asked', async () => {
    const { paths } = await ready;
    const random = new Random(8);
    const stretches = Array.from({ length: 100 }, () => ({
      path: 3,
      start: paths.trips.offsets[3],
      end: paths.trips.offsets[4],
      elapsedS: 3000 * random.uniform(),
    }));
    const batches = batchesByHorizon(paths, stretches, { horizons: 4, size: 7 });
    expect(batches.flat().sort((a, b) => a - b)).toEqual([...stretches.keys()]);
    for (const batch of batches) {
      expect(batch.length).toBeLessThanOrEqual(7);
      const horizons = batch.map((i) => Math.min(3, Math.round(stretches[i].elapsedS / 600)));
      expect(new Set(horizons).size).toBe(1);
    }
    expect(batchesByHorizon(paths, stretches, { horizons: 1, size: 60 }).map(({ length }) => length)).toEqual(
      [60, 40],
    );
  });
});

describe('quantile heads', () => {
  const ready = prepared({ interval: 'quantile', hidden: 6, members: 2 });

  it('start at the interval of the Gaussian head', async () => {
    const { eta, source, paths, shape, settings } = await ready;
    const gaussian = etaNetwork(shape, { ...settings, interval: 'gaussian' });
    const feed = forwardFeed(source, wholePaths(paths, [7, 8]));
    const outputs = (network: typeof eta) =>
      interpret(network.forward, { ...feed, parameters: network.layout.initialise(new Random(2)) }).outputs;
    const [own, other] = [outputs(eta), outputs(gaussian)];
    expect(Object.keys(own).sort()).toEqual(['logHigh', 'logLow', 'logSigma', 'seconds', 'total']);
    expect(Object.keys(other).sort()).toEqual(['logSigma', 'seconds', 'total']);
    own.logSigma.forEach((logSigma, i) => {
      expect(logSigma).toBeCloseTo(other.logSigma[i], 6);
      expect(own.logHigh[i]).toBeCloseTo(1.2816 * Math.exp(logSigma), 6);
      expect(own.logLow[i]).toBeCloseTo(-own.logHigh[i], 6);
    });
  });

  it('learn by the pinball loss of their ends, which moves nothing else', async () => {
    const { source, paths, settings, shape, labelled } = await ready;
    const eta = etaNetwork(shape, { ...settings, members: 1 });
    const random = new Random(4);
    const parameters = Float64Array.from(eta.layout.initialise(random), (w) => w + 0.05 * random.normal());
    const stretches = wholePaths(paths, [7, 8, 150]);
    const feed = labelled(stretches);
    const { logLow, logHigh, total } = interpret(eta.forward, {
      ...forwardFeed(source, stretches),
      parameters,
    }).outputs;
    const pinball = (level: number, over: number) => (over > 0 ? (1 - level) * over : -level * over);
    const expected = [...total].reduce((sum, seconds, i) => {
      const error = Math.log(seconds) - Math.log(feed.observedS[i]);
      return sum + pinball(0.1, error + logLow[i]) + pinball(0.9, error + logHigh[i]);
    }, 0);
    const { outputs } = interpret(eta.loss, { ...feed, parameters });
    expect(outputs.intervalPinball[0]).toBeCloseTo(expected / 3, 6);
    expect(outputs).not.toHaveProperty('intervalNll');

    const { trace, tensors } = Trace.from(eta.loss);
    const part = tensors[eta.loss.outputs.find(({ name }) => name === 'intervalPinball')!.id];
    const [gradient] = gradients(part, [trace.inputNamed('parameters')]);
    const moved = interpret(trace.program({ gradient }), { ...feed, parameters }).outputs.gradient;
    const head = eta.layout.parameters.find(({ name }) => name === 'graphHead.bias')!;
    expect(moved[head.offset]).toBe(0);
    expect(Math.abs(moved[head.offset + 1])).toBeGreaterThan(0);
    expect(Math.abs(moved[head.offset + 2])).toBeGreaterThan(0);
  });
});

describe('labels', () => {
  it('are the trip’s own total for a whole path, and the sum of its segments for a part', async () => {
    const { paths, trips, labelled } = await prepared({ relativeExponent: 0.5, neighbourTurns: 0 });
    const { offsets, segmentS, totalS } = trips;
    const part = { path: 9, start: offsets[9] + 1, end: offsets[9] + 3 };
    const feed = labelled([...wholePaths(paths, [4]), part]);
    expect(feed.observedS[0]).toBe(totalS[4]);
    expect(feed.observedS[1]).toBeCloseTo(segmentS![part.start] + segmentS![part.start + 1], 4);
    expect(feed.scaleS[0]).toBeCloseTo(Math.sqrt(totalS[4] * 100), 3);
    expect(feed.tripConstantS[1]).toBe(0);
    expect(feed.nodeKnown.every((known) => known === 1)).toBe(true);
  });

  it('are mixed with what a teacher says of whole trips', async () => {
    const { source, paths, trips, settings } = await ready;
    const seconds = new Float32Array(trips.count).fill(Number.NaN);
    seconds[4] = trips.totalS[4] + 40;
    const part = { path: 4, start: trips.offsets[4], end: trips.offsets[4] + 2 };
    const scale = labelScale(settings, 100, { share: 0.25, seconds });
    const feed = lossFeed(source, [...wholePaths(paths, [4, 5]), part], scale, new Random(1));
    expect([...feed.observedS].slice(0, 2)).toEqual([trips.totalS[4], trips.totalS[5]]);
    expect(feed.taughtS[0]).toBeCloseTo(trips.totalS[4] + 10, 3);
    expect([...feed.taughtS].slice(1)).toEqual([...feed.observedS].slice(1));
  });

  it('of segments do not count where they are unknown', async () => {
    const { source, paths, trips, settings, eta } = await ready;
    const begin = trips.offsets[4];
    const segmentS = trips.segmentS!.map((seconds, k) => (k === begin ? Number.NaN : seconds));
    const gappy = { ...source, paths: { ...paths, trips: { ...trips, segmentS } } };
    const scale = labelScale(settings, 100);
    const feed = lossFeed(gappy, wholePaths(gappy.paths, [4]), scale, new Random(1));
    expect(feed.nodeKnown[0]).toBe(0);
    expect(feed.nodeKnown[1]).toBe(1);
    const parameters = eta.layout.initialise(new Random(3));
    const { outputs } = interpret(eta.loss, { ...feed, parameters });
    const parts = Object.entries(outputs).filter(([name]) => name !== 'loss');
    const total = parts.reduce((sum, [name, [value]]) => sum + value * settings[name as 'nodeHuber'], 0);
    expect(Number.isFinite(outputs.loss[0])).toBe(true);
    expect(outputs.loss[0]).toBeCloseTo(total, 9);
  });
});
