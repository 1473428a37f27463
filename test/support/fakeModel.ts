import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiRouteAnswer, EtaMetrics, RouteContributions } from '../../core/api/contract.ts';
import type {
  EtaModelDefinition,
  EvaluatedTravelTimes,
  RunConfig,
  SampleBuilder,
} from '../../core/app/index.ts';
import type { OpenEtaModel } from '../../core/app/model.ts';
import { EtalonError, throwIfCancelled } from '../../core/base/index.ts';
import {
  DAY_S,
  freeFlowS,
  type RoadNetwork,
  type RouteCosts,
  Router,
  secondOfDay,
  type TripSet,
} from '../../core/roads/index.ts';
import type { ImportReport } from '../../core/tables/index.ts';
import { gridCity } from './network.ts';

/** What the stand-in for a model is told to do; an "epoch" of it only waits, and writes as a real one would. */
export interface FakeSettings {
  epochs: number;
  epochMs: number;
  /** `fail`: throws; `crash`: dies without a word; `hang`: blocks its thread for good. In epoch 2. */
  ending: 'finish' | 'fail' | 'crash' | 'hang';
}

const metrics: EtaMetrics = {
  maeS: 90,
  rmseS: 120,
  mape: 0.15,
  biasS: -2,
  badShare: 0.1,
  coverage80: 0.81,
  width80S: 240,
  n: 12,
};

/** Twelve trips on as many days; run n is 10 · n seconds late on each. */
function fakeTrips(runId: number): EvaluatedTravelTimes['trips'] {
  const column = (of: (trip: number) => number) => Float32Array.from({ length: 12 }, (_, trip) => of(trip));
  const observedS = column((trip) => 300 + 10 * trip);
  return {
    trip: Uint32Array.from({ length: 12 }, (_, trip) => trip),
    localDepartS: Float64Array.from({ length: 12 }, (_, trip) => 1_401_494_400 + trip * DAY_S),
    lengthM: column(() => 3000),
    freeFlowS: column(() => 200),
    roadClass: new Uint8Array(12),
    observedS,
    medianS: observedS.map((seconds) => seconds + 10 * runId),
    low80S: observedS.map((seconds) => seconds - 50),
    high80S: observedS.map((seconds) => seconds + 50),
  };
}

export const fakeModel: EtaModelDefinition = {
  id: 'eta',
  predicts: 'travelTimes',
  settings: ['epochs', 'epochMs', 'ending'].map((key) => ({
    key,
    label: key,
    help: `The ${key} of the stand-in.`,
    unit: null,
    kind: key === 'ending' ? 'choice' : 'integer',
    default: 1,
    min: 1,
    max: null,
    choices: null,
  })),
  parseSettings(given) {
    const defaults: FakeSettings = { epochs: 3, epochMs: 20, ending: 'finish' };
    const unknown = Object.keys(given).find((key) => !Object.hasOwn(defaults, key));
    if (unknown) throw new EtalonError('usage', `There is no setting “${unknown}”.`);
    return { ...defaults, ...given };
  },
  async train(store, runId, { signal, stop, report, device }) {
    const { settings } = store.run(runId).config as RunConfig & { settings: FakeSettings };
    store.updateRun(runId, { device: `fake (${device})` });
    const first = (store.loadCheckpoint(runId, 'latest')?.epoch ?? 0) + 1;
    for (let epoch = first; epoch <= settings.epochs && !stop.aborted; epoch++) {
      await sleep(settings.epochMs);
      store.addMetrics(runId, [
        { epoch, name: 'loss', value: 1 / epoch },
        { epoch, name: 'valMae', value: 100 / epoch },
        { epoch, name: 'valMape', value: 0.3 / epoch },
      ]);
      const checkpoint = { epoch, arrays: { w: Float32Array.of(epoch) }, json: {} };
      store.saveCheckpoint(runId, 'latest', checkpoint);
      store.saveCheckpoint(runId, 'best', checkpoint);
      report({ stage: 'Training', done: epoch, total: settings.epochs, unit: 'epochs' });
      throwIfCancelled(signal);
      if (epoch === 2) await endAs(settings.ending);
    }
  },
  async evaluate(_store, runId, period, { report }): Promise<EvaluatedTravelTimes> {
    for (let done = 0; done < 5; done++) {
      report({ stage: 'Evaluating', done, total: 5, unit: 'batches' });
      await sleep(20);
    }
    return {
      result: {
        runId,
        from: period.from ?? null,
        until: period.until ?? null,
        metrics,
        baselines: { freeFlow: { ...metrics, maeS: 200, coverage80: null, width80S: null } },
        badReduction: [{ baseline: 'freeFlow', share: 0.5, low: 0.4, high: 0.6 }],
        slices: [{ by: 'hour', label: '08:00', metrics }],
        horizons: [],
        distribution: null,
      },
      trips: fakeTrips(runId),
    };
  },
  async open(store) {
    const network = store.readRoads();
    const open: OpenEtaModel = {
      speeds: async (localS) =>
        Float32Array.from({ length: network.segmentCount }, (_, segment) =>
          segment === 0 ? Number.NaN : 1 - secondOfDay(localS) / DAY_S,
        ),
      forecast: async (localS, horizonsS) => {
        const answers: Float32Array[] = [];
        for (const horizonS of horizonsS) {
          const ratios = await open.speeds(localS + horizonS);
          answers.push(ratios.map((ratio, s) => freeFlowS(network, s) / ratio));
        }
        return answers;
      },
      route: async (from, to) => fakeRoute(from, to),
      arriveBy: async (from, to) => ({
        ...fakeRoute(from, to),
        arriveBy: {
          time: '2024-01-01T08:01',
          leaving: [0.5, 0.8, 0.9, 0.95].map((share) => ({ share, depart: '2024-01-01T08:00:00' })),
        },
      }),
      explain: async ({ segments }) => fakeContributions(segments),
      costs: async () => fakeCosts(network),
      trip: async (request) => {
        const { durationS, lengthM } = new Router(network).quickest(request, fakeCosts(network));
        return { seconds: durationS, lowS: 0.9 * durationS, highS: 1.2 * durationS, lengthM };
      },
      way: async (way, departS) => {
        const { durationS } = new Router(network).follow(way, departS, fakeCosts(network));
        return { seconds: durationS, lowS: 0.9 * durationS, highS: 1.2 * durationS };
      },
      // Every edit costs a minute.
      scenario: ({ edited }) => ({
        speeds: async (localS) => {
          const ratios = await open.speeds(localS);
          return ratios.map((ratio) => ratio / 2);
        },
        route: async (from, to, localS) => {
          const answer = await open.route(from, to, localS);
          return { ...answer, etaS: answer.etaS + 60 * edited.edits.length };
        },
        range: async () => [0.9, 1.2],
      }),
      dispose: async () => undefined,
    };
    return open;
  },
  async exportOnnx(_store, _runId, path) {
    writeFileSync(path, 'onnx');
    return {
      path,
      bytes: 4,
      inputs: [{ name: 'nodes', shape: ['n', 8] }],
      outputs: [{ name: 'seconds', shape: ['graphs', 1] }],
      maxRelativeDifference: 1e-6,
      checked: 3,
    };
  },
};

function fakeRoute(from: [number, number], to: [number, number]): ApiRouteAnswer {
  return {
    segments: [0, 1],
    coordinates: [from, to],
    distanceM: 200,
    depart: '2024-01-01T08:00',
    etaS: 60,
    lowS: 50,
    highS: 80,
    arrive: '2024-01-01T08:01',
    freeFlowS: 40,
    historicalS: 55,
    profile: [
      { segment: 0, distanceM: 100, elapsedS: 30, lowS: 25, highS: 40, freeFlowS: 20, ratio: 0.66 },
      { segment: 1, distanceM: 200, elapsedS: 60, lowS: 50, highS: 80, freeFlowS: 40, ratio: 0.66 },
    ],
    stretches: [{ name: 'Grid street', lengthM: 200, timeS: 60, delayS: 20, ratio: 0.66 }],
    alternatives: [],
    snapM: [1, 2],
  };
}

/** A minute, half a minute of it by the jam on the first segment. */
function fakeContributions(segments: readonly number[]): Omit<RouteContributions, 'depart'> {
  const observed = { ratio: 2, minutes: 15, nearby: false };
  const each = { lengthM: 100, freeFlowS: 20, roadS: 0, junctionsS: -5, hourS: 0 };
  return {
    etaS: 60,
    usualS: 30,
    freeFlowS: 40,
    roadS: 0,
    junctionsS: -10,
    hourS: 0,
    liveS: 30,
    medianHour: 13,
    inputs: [{ group: 'here', seconds: 30 }],
    segments: segments.map((segment, i) => ({
      ...each,
      segment,
      liveS: i === 0 ? 30 : 0,
      causedS: i === 0 ? 30 : 0,
      observed: i === 0 ? observed : null,
    })),
    junctions: [],
    leaving: [{ minutes: 15, etaS: 50, lowS: 40, highS: 60 }],
    otherWay: null,
    seldomM: 0,
    dayTypeSeen: true,
    steps: 32,
    gapS: 0,
  };
}

/** 36 km/h everywhere. */
function fakeCosts(network: RoadNetwork): RouteCosts {
  return { fastestKmh: 36, traversalS: (segment) => network.lengthM[segment] / 10, turnS: () => 0 };
}

async function endAs(ending: FakeSettings['ending']): Promise<void> {
  if (ending === 'fail')
    throw new EtalonError('device', 'The device was lost.', { remedy: 'Train on the CPU.' });
  if (ending === 'crash') process.exit(3);
  while (ending === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
}

/** A grid of 24 junctions and a trip every hour of one Monday, along its first row. */
export const fakeSample: SampleBuilder = async (store, { signal, report }) => {
  const network = gridCity({ rows: 4, columns: 6 });
  for (let done = 0; done < 4; done++) {
    report({ stage: 'Simulating traffic', done, total: 4, unit: 'weeks' });
    await sleep(20);
    throwIfCancelled(signal);
  }
  store.writeRoads(network, importReport('city', network.segmentCount, 'segments'));
  const turn = network.turnOffsets.findIndex((offset, s) => offset < network.turnOffsets[s + 1]);
  const segments = [turn, network.turnTo[network.turnOffsets[turn]]];
  store.addTrips(hourlyTrips(segments), 'Europe/Lisbon', importReport('trips', 24, 'trips'));
};

function hourlyTrips(path: number[]): TripSet {
  const monday = Date.UTC(2024, 0, 8) / 1000;
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  return {
    count: 24,
    ids: hours.map((hour) => `t${hour}`),
    departS: Float64Array.from(hours, (hour) => monday + hour * 3600),
    localDepartS: Float64Array.from(hours, (hour) => monday + hour * 3600),
    totalS: Float32Array.from(hours, (hour) => 20 + hour),
    offsets: Uint32Array.from({ length: 25 }, (_, trip) => trip * path.length),
    segments: Int32Array.from(hours.flatMap(() => path)),
  };
}

function importReport(source: string, count: number, kind: string): ImportReport {
  return {
    source,
    format: 'generated',
    read: { [kind]: count },
    kept: { [kind]: count },
    dropped: [],
    notes: [],
    seconds: 0,
  };
}
