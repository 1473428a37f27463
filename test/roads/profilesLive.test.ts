import { describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../core/base/index.ts';
import {
  type CrossFit,
  crossFit,
  DAY_S,
  fitSegmentModel,
  LiveIndex,
  type SegmentModel,
  type TripSet,
} from '../../core/roads/index.ts';
import { directedCells } from '../../core/roads/profiles/gridCells.ts';
import {
  gridNetwork,
  LOCAL_OFFSET_S,
  type PlainTrip,
  packTrips,
  randomPath,
} from '../support/gridNetwork.ts';

const network = gridNetwork(8, 8);
const MONDAY_S = 4 * DAY_S;

function randomTrips(count: number, options: { seed: number; days: number; segmentTimes?: boolean }) {
  const random = new Random(options.seed);
  const trips: PlainTrip[] = Array.from({ length: count }, (_, i) => {
    const segments = randomPath(network, random, 4 + random.int(12));
    const segmentS = segments.map((s) => network.lengthM[s] * 0.1 * Math.exp(0.4 * random.normal()));
    return {
      localDepartS: MONDAY_S + Math.floor((i / count) * options.days * DAY_S),
      segments,
      totalS: segmentS.reduce((a, b) => a + b, 0),
      ...(options.segmentTimes && { segmentS }),
    };
  });
  return packTrips(trips);
}

const trained = await fitSegmentModel(network, randomTrips(800, { seed: 1, days: 7 }), {}, quietContext);

/** A trip that takes `ratio` times what the model expects and ends at `endS` (local seconds). */
function tripEnding(model: SegmentModel, segments: number[], endS: number, ratio: number): PlainTrip {
  // Departures within the same hour have the same expectation.
  const hourS = Math.floor(endS / 3600) * 3600;
  const probe = packTrips([{ localDepartS: hourS, segments, totalS: 1 }]);
  const totalS = model.predictTrip(probe, 0) * ratio;
  return { localDepartS: endS - totalS, segments, totalS };
}

function city(index: LiveIndex, localS: number): Record<string, number> {
  const out = new Float32Array(index.cityNames.length);
  index.city(localS - LOCAL_OFFSET_S, localS, out);
  return Object.fromEntries(index.cityNames.map((name, i) => [name, out[i]]));
}

function segmentsAt(index: LiveIndex, localS: number, segments: number[]): Record<string, number>[] {
  const width = index.segmentNames.length;
  const out = new Float32Array(width * segments.length);
  index.segments(localS - LOCAL_OFFSET_S, segments, out);
  return segments.map((_, k) =>
    Object.fromEntries(index.segmentNames.map((name, i) => [name, out[k * width + i]])),
  );
}

describe('live residuals of the city', () => {
  const nowS = MONDAY_S + 9 * 3600 + 3000;
  const path = [0, 2, 4];
  const index = new LiveIndex(
    network,
    packTrips([
      tripEnding(trained, path, nowS - 5 * 60, 1.2),
      tripEnding(trained, path, nowS - 40 * 60, 0.9),
      tripEnding(trained, path, nowS + 1, 4),
      tripEnding(trained, path, nowS + 600, 4),
      tripEnding(trained, path, MONDAY_S - 600, 1.3),
    ]),
    trained,
  );

  it('are means of what had ended, shrunk by four trips', () => {
    const values = city(index, nowS);
    expect(values.city15min).toBeCloseTo(Math.log(1.2) / 5, 5);
    expect(values.city30min).toBeCloseTo(Math.log(1.2) / 5, 5);
    expect(values.city60min).toBeCloseTo((Math.log(1.2) + Math.log(0.9)) / 6, 5);
  });

  it('of the day so far begin at local midnight', () => {
    expect(city(index, nowS).cityDay).toBeCloseTo((Math.log(1.2) + Math.log(0.9)) / 6, 5);
    const dawn = city(index, MONDAY_S + 60);
    expect(dawn.cityDay).toBe(0);
    expect(dawn.city60min).toBeCloseTo(Math.log(1.3) / 5, 5);
  });

  it('are 0 where nothing is known', () => {
    expect(Object.values(city(index, MONDAY_S - 30 * DAY_S))).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('live residuals of cells', () => {
  const path = [0, 2, 4];
  const nowS = MONDAY_S + 9 * 3600 + 3000;

  it('reach the segments of the same square and direction only', () => {
    const index = new LiveIndex(network, packTrips([tripEnding(trained, path, nowS - 60, 1.5)]), trained);
    const [same, opposite, far] = segmentsAt(index, nowS, [0, 1, network.segmentCount - 2]);
    expect(same.cell700m).toBeCloseTo(Math.log(1.5) / 5, 5);
    expect(same.cell2000m).toBeCloseTo(Math.log(1.5) / 5, 5);
    expect([opposite.cell700m, opposite.cell2000m, far.cell700m]).toEqual([0, 0, 0]);
    const late = segmentsAt(index, nowS + 3600, [0])[0];
    expect(late.cell700m).toBe(0);
  });

  it('group segments by square and compass sector', () => {
    const { cellOfSegment } = directedCells(network, 1e6, 4);
    const direction = (s: number) => Math.sign(network.toJunction[s] - network.fromJunction[s]);
    const across = (s: number) => Math.abs(network.toJunction[s] - network.fromJunction[s]) > 1;
    for (let a = 0; a < network.segmentCount; a++)
      expect(cellOfSegment[a] === cellOfSegment[0]).toBe(
        direction(a) === direction(0) && across(a) === across(0),
      );
  });
});

describe('live residuals of segments', () => {
  const nowS = MONDAY_S + 9 * 3600 + 3000;

  it('compare recent traversals with what was expected of them', () => {
    const expectedS = trained.traversalsS(
      packTrips([{ localDepartS: nowS, segments: [7], totalS: 1 }]),
      0,
    )[0];
    const drive = (minutesAgo: number, ratio: number): PlainTrip => ({
      localDepartS: nowS - minutesAgo * 60 - ratio * expectedS,
      segments: [7],
      totalS: ratio * expectedS,
      segmentS: [ratio * expectedS],
    });
    const index = new LiveIndex(network, packTrips([drive(3, 2), drive(12, 1.4)]), trained);
    const [values, other] = segmentsAt(index, nowS, [7, 8]);
    expect(values.segment5min).toBeCloseTo(Math.log(2) / 2, 4);
    expect(values.segment10min).toBeCloseTo(Math.log(2) / 2, 4);
    expect(values.segment15min).toBeCloseTo((Math.log(3.4 / 2) * 2) / 3, 4);
    expect(values.segmentLogCount).toBeCloseTo(Math.log(3), 5);
    expect(values.segmentRecency).toBeCloseTo(Math.exp(-3 / 15), 4);
    for (const [name, value] of Object.entries(other)) if (name.startsWith('segment')) expect(value).toBe(0);
  });

  it('say how the segments around run, one and two turns ahead and one behind', () => {
    const turnsFrom = (s: number) =>
      [...network.turnFrom.keys()]
        .filter((turn) => network.turnFrom[turn] === s && network.turnTo[turn] !== network.reverse[s])
        .map((turn) => network.turnTo[turn]);
    const slow = 7;
    const expectedS = trained.traversalsS(
      packTrips([{ localDepartS: nowS, segments: [slow], totalS: 1 }]),
      0,
    )[0];
    const totalS = 2 * expectedS;
    const drive = { localDepartS: nowS - 180 - totalS, segments: [slow], totalS, segmentS: [totalS] };
    const index = new LiveIndex(network, packTrips([drive]), trained);
    const all = [...network.refs.keys()];
    const felt = Math.log(2) / 2;
    segmentsAt(index, nowS, all).forEach((values, s) => {
      const one = turnsFrom(s);
      const two = one.flatMap(turnsFrom).filter((far) => far !== s && !one.includes(far));
      expect(values.ahead1).toBeCloseTo(one.includes(slow) ? felt : 0, 4);
      expect(values.ahead2).toBeCloseTo(two.includes(slow) ? felt : 0, 4);
      expect(values.behind1).toBeCloseTo(turnsFrom(slow).includes(s) ? felt : 0, 4);
    });
  });

  it('know a traversal after a gap only when the trip is over', () => {
    const trip = {
      localDepartS: nowS - 600,
      segments: [0, 2, 4],
      totalS: 500,
      segmentS: [100, Number.NaN, 100],
    };
    const index = new LiveIndex(network, packTrips([trip]), trained);
    const count = (afterS: number, s: number) =>
      segmentsAt(index, nowS - 600 + afterS, [s])[0].segmentLogCount;
    expect(count(99, 0)).toBe(0);
    expect(count(101, 0)).toBeGreaterThan(0);
    expect(count(499, 4)).toBe(0);
    expect(count(501, 4)).toBeGreaterThan(0);
  });

  it('leave out what has no time: a trip still under way', () => {
    const ended = { localDepartS: nowS - 900, segments: [0], totalS: 100, segmentS: [100] };
    const underWay = {
      localDepartS: nowS - 600,
      segments: [0, 2, 0],
      totalS: Number.NaN,
      segmentS: [50, Number.NaN, 70],
    };
    const index = new LiveIndex(network, packTrips([ended, underWay]), trained);
    expect(segmentsAt(index, nowS, [0])[0].segmentLogCount).toBeCloseTo(Math.log(3), 6);
    expect(city(index, nowS)).toEqual(city(new LiveIndex(network, packTrips([ended]), trained), nowS));
  });

  it('are absent where no segment times are known', () => {
    const index = new LiveIndex(network, randomTrips(10, { seed: 3, days: 1 }), trained);
    expect(index.segmentNames).toEqual(['cell700m', 'cell2000m']);
  });
});

describe('nothing live knows the future', () => {
  it.each([false, true])('with segment times: %s', (segmentTimes) => {
    const trips = randomTrips(1500, { seed: 5, days: 3, segmentTimes });
    const all = [...network.refs.keys()];
    const before = new LiveIndex(network, trips, trained);
    for (const localS of [MONDAY_S + DAY_S, MONDAY_S + 1.6 * DAY_S]) {
      const after = new LiveIndex(network, withOtherFuture(trips, localS - LOCAL_OFFSET_S), trained);
      expect(segmentsAt(after, localS, all)).toEqual(segmentsAt(before, localS, all));
      expect(city(after, localS)).toEqual(city(before, localS));
      // The perturbation is felt as soon as it may be.
      expect(city(after, localS + 7200)).not.toEqual(city(before, localS + 7200));
    }
  });

  /** Whatever had not ended by then takes twice as long. */
  function withOtherFuture(trips: TripSet, untilS: number): TripSet {
    const totalS = trips.totalS.slice();
    const segmentS = trips.segmentS?.slice();
    for (let trip = 0; trip < trips.count; trip++) {
      if (trips.departS[trip] + trips.totalS[trip] < untilS) continue;
      totalS[trip] *= 2;
      let endS = trips.departS[trip];
      for (let k = trips.offsets[trip]; segmentS && k < trips.offsets[trip + 1]; k++) {
        endS += trips.segmentS![k];
        if (endS >= untilS) segmentS[k] *= 2;
      }
    }
    return { ...trips, totalS, ...(segmentS && { segmentS }) };
  }
});

describe('live residuals for training', () => {
  it('come from models that did not see the trips', async () => {
    const trips = randomTrips(600, { seed: 8, days: 6 });
    const models: CrossFit = await crossFit(network, trips, { folds: 3 }, quietContext);
    const predicted = models.predictTrips(trips);
    const nowS = MONDAY_S + 2.5 * DAY_S;
    let sum = 0;
    let count = 0;
    for (let trip = 0; trip < trips.count; trip++) {
      const agoS = nowS - LOCAL_OFFSET_S - trips.departS[trip] - trips.totalS[trip];
      if (agoS <= 0 || agoS > 6 * 3600) continue;
      sum += Math.log(trips.totalS[trip] / predicted[trip]);
      count++;
    }
    expect(count).toBeGreaterThan(10);
    expect(city(new LiveIndex(network, trips, models), nowS).city360min).toBeCloseTo(sum / (count + 4), 5);
  });
});
