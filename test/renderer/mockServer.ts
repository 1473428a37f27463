/**
 * A stand-in for the shell that serves the window: the whole contract over a WebSocket, with an invented city behind
 * it. `npx node test/renderer/mockServer.ts [port] [junctions per side]`; 82 per side make 26,500 segments.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { homedir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  ApiJobState,
  ApiMetricPoint,
  ApiProjectInfo,
  ApiRunInfo,
  CallProgress,
  EtaEvaluation,
  EtaMetrics,
} from '@etalon/core/api/contract';
import { contract } from '@etalon/core/api/contract';
import { implement, ORPCError } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer } from 'ws';
import { metres, mockCity, type Point, shortestPath } from './mockCity.ts';
import { mockExplanation } from './mockExplanation.ts';
import { mockComparison, mockLayer, mockSegmentDay, mockSegmentWeek } from './mockLayers.ts';
import { MockScenarios } from './mockScenarios.ts';
import { MockSupersegments } from './mockSupersegments.ts';

const port = Number(process.argv[2] ?? 4173);
const side = Number(process.argv[3] ?? 34);
const startOpen = process.argv[4] !== 'closed';
const city = mockCity(side);
const scenarios = new MockScenarios();
const supersegments = new MockSupersegments(city);
const FREE_KMH = [110, 90, 60, 50, 45, 40, 30, 20, 15];

const noise = (n: number) => Math.abs(Math.sin(n * 12.9898) * 43758.5453) % 1;
function ratioAt(segment: number, minute: number): number {
  const hour = minute / 60;
  const rush = Math.exp(-((hour - 8.2) ** 2) / 1.6) + 0.8 * Math.exp(-((hour - 17.2) ** 2) / 2.4);
  const { coordinates, roadClass } = city.segments[segment]!;
  const [x, y] = coordinates[0]!;
  const centre = Math.exp(-(((x - 11.1) * 65) ** 2 + ((y - 54.32) * 111) ** 2) / 9);
  const weight = roadClass <= 4 ? 1 : 0.3;
  return Math.max(
    0.12,
    1 - rush * weight * (0.15 + 0.55 * centre) * (0.4 + 0.9 * noise(Math.floor(segment / 3))),
  );
}
const freeS = (segment: number) =>
  (city.segments[segment]!.lengthM / FREE_KMH[city.segments[segment]!.roadClass]!) * 3.6;

const traffic = { city, ratioAt, freeS, noise };
const gpsRows = Array.from({ length: 40 }, (_, i) => [
  `car-${Math.floor(i / 10)}`,
  i === 3 ? '' : `2025-05-05T08:${String(i).padStart(2, '0')}:00Z`,
  (47.99 + 0.001 * i).toFixed(5),
  (7.84 + 0.001 * (i % 10)).toFixed(5),
]);

const matchQuality = (points: number, matchedShare: number) => ({
  points,
  matchedShare,
  outliers: Math.round(points * (1 - matchedShare) * 0.4),
  far: Math.round(points * (1 - matchedShare) * 0.6),
  breaks: 2,
  medianDistanceM: 6.3,
  lengthM: 70 * points,
  straightM: 66 * points,
  confidence: 0.91,
});

const report = (source: string, kind: 'roads' | 'trips') => ({
  source,
  format: kind === 'roads' ? 'OpenStreetMap PBF' : 'CSV',
  read: kind === 'roads' ? { nodes: 221_009, ways: 38_114, relations: 812 } : { rows: 40_320 },
  kept:
    kind === 'roads'
      ? { segments: city.segments.length, junctions: city.junctions.length, turns: 61_220 }
      : { trips: 39_871, traversals: 811_200 },
  dropped:
    kind === 'roads'
      ? [
          {
            reason: 'no-access',
            description: 'Cars may not drive there',
            count: 11_204,
            examples: ['way 2219 (line 40)', 'way 88121'],
          },
          {
            reason: 'unconnected',
            description: 'Not connected to the rest',
            count: 41,
            examples: ['way 991'],
          },
        ]
      : [
          {
            reason: 'disconnected',
            description: 'Segments do not connect',
            count: 449,
            examples: ['row 104: 812 → 77', 'row 3,118'],
          },
        ],
  notes: kind === 'roads' ? ['14 turn restrictions depend on the time of day and are not obeyed.'] : [],
  seconds: 4.2,
});

let project: ApiProjectInfo | null = startOpen ? filled(`${homedir()}/Lindhaven 2025.etalon`) : null;
function filled(path: string): ApiProjectInfo {
  return {
    ...bare(path),
    timeZone: 'Europe/Copenhagen',
    segments: city.segments.length,
    junctions: city.junctions.length,
    turns: 61_220,
    bounds: city.bounds,
    trips: 39_871,
    firstDay: '2025-05-05',
    lastDay: '2025-05-25',
    traversals: 811_200,
    segmentTimes: true,
    sources: [
      {
        id: 1,
        kind: 'roads',
        path: '/data/lindhaven.osm.pbf',
        importedAt: '2025-06-01T10:00:00Z',
        report: report('/data/lindhaven.osm.pbf', 'roads'),
      },
      {
        id: 2,
        kind: 'trips',
        path: '/data/trips_spring.csv',
        importedAt: '2025-06-01T10:05:00Z',
        report: report('/data/trips_spring.csv', 'trips'),
      },
    ],
    runs: 3,
    sizeBytes: 41_300_000,
  };
}
function bare(path: string): ApiProjectInfo {
  return {
    path,
    name: path.split('/').at(-1)!.replace('.etalon', ''),
    createdAt: new Date().toISOString(),
    timeZone: null,
    segments: 0,
    junctions: 0,
    turns: 0,
    bounds: null,
    trips: 0,
    firstDay: null,
    lastDay: null,
    traversals: 0,
    segmentTimes: false,
    observations: 0,
    observedSegments: 0,
    firstObservedDay: null,
    lastObservedDay: null,
    interactions: [],
    sources: [],
    runs: 0,
    sizeBytes: 120_000,
  };
}

const metrics = (maeS: number, mape: number, biasS: number, coverage80: number | null): EtaMetrics => ({
  maeS,
  rmseS: maeS * 1.6,
  mape,
  biasS,
  badShare: mape * 0.9,
  coverage80,
  width80S: coverage80 === null ? null : 290,
  n: 12_914,
});
const evaluation = (runId: number, maeS: number): EtaEvaluation => ({
  runId,
  from: '2025-05-19',
  until: null,
  metrics: metrics(maeS, maeS / 690, -2, 0.796),
  baselines: {
    freeFlow: metrics(231, 0.318, -198, null),
    historical: metrics(122, 0.179, -6, 0.809),
    live: metrics(118, 0.171, -3, null),
    ridge: metrics(103, 0.152, -4, 0.772),
    segmentModel: metrics(109, 0.158, -4, null),
  },
  badReduction: [
    { baseline: 'freeFlow', share: 0.71, low: 0.69, high: 0.73 },
    { baseline: 'historical', share: 0.48, low: 0.45, high: 0.51 },
    { baseline: 'live', share: 0.44, low: 0.41, high: 0.47 },
    { baseline: 'ridge', share: 0.19, low: 0.15, high: 0.23 },
    { baseline: 'segmentModel', share: 0.24, low: 0.2, high: 0.28 },
  ],
  slices: [
    ...Array.from({ length: 24 }, (_, hour) => ({
      by: 'hour' as const,
      label: `${String(hour).padStart(2, '0')}:00`,
      metrics: metrics(maeS * (0.8 + 0.4 * Math.sin(hour / 3)), 0.14, -2, 0.8),
    })),
    ...['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'].map((label, i) => ({
      by: 'weekday' as const,
      label,
      metrics: metrics(maeS * (1.1 - i * 0.04), 0.14, -2, 0.8),
    })),
    ...['under 2 km', '2–4 km', '4–8 km', 'over 8 km'].map((label, i) => ({
      by: 'length' as const,
      label,
      metrics: metrics(maeS * (0.5 + i * 0.4), 0.14, -2, 0.8),
    })),
    ...['motorway', 'primary', 'residential'].map((label, i) => ({
      by: 'class' as const,
      label,
      metrics: metrics(maeS * (0.8 + i * 0.2), 0.14, -2, 0.8),
    })),
    ...['under 1.25 × free flow', '1.25–1.5 × free flow', 'over 1.5 × free flow'].map((label, i) => ({
      by: 'congestion' as const,
      label,
      metrics: metrics(maeS * (0.6 + i * 0.5), 0.14, 8 - i * 12, 0.8),
    })),
  ],
  horizons: [0, 5, 10, 20, 30].map((fromMin, i) => ({
    fromMin,
    toMin: [5, 10, 20, 30, null][i] ?? null,
    modelS: 4.1 + i * 0.5,
    anchorS: 6 + i * 0.3,
    n: 90_000 - i * 15_000,
  })),
  distribution: {
    pinballS: { q10: 14.2, q50: maeS / 2, q90: 19.6 },
    intervalScoreS: 430,
    crpsS: maeS * 0.7,
    calibration: [10, 20, 30, 40, 50, 60, 70, 80, 90].map((percent) => ({
      nominal: percent / 100,
      covered: percent / 100 + 0.03 * Math.sin(percent / 16),
    })),
  },
});
/** The stand-in knows traffic alone. */
const noInteractions = (): never => {
  throw fail('The project has no interactions yet.', 'Import interactions first.');
};
const run = (id: number, name: string, status: ApiRunInfo['status'], maeS: number | null): ApiRunInfo => ({
  id,
  name,
  model: 'eta',
  predicts: 'travelTimes',
  status,
  createdAt: '2025-06-02T09:00:00Z',
  finishedAt: status === 'finished' ? '2025-06-02T09:40:00Z' : null,
  seconds: 1740,
  device: 'cpu',
  config: { seed: id, until: '2025-05-19', settings: { epochs: 60, hidden: 64 } },
  speeds: null,
  ranking: null,
  evaluation: maeS === null ? null : evaluation(id, maeS),
  validation: { epoch: 31, maeS: (maeS ?? 94) - 1.3, mape: 0.131 },
  error:
    status === 'failed'
      ? {
          code: 'device',
          message: 'The GPU ran out of memory: batch 512 needs about 31 GB, this GPU has 24 GB.',
          remedy: 'Run with batch 256.',
        }
      : null,
});
let runs: ApiRunInfo[] = startOpen
  ? [
      run(1, 'eta-1', 'finished', 97.5),
      run(2, 'eta-2', 'failed', null),
      run(3, 'eta-3', 'finished', 91.3),
      run(4, 'eta-4', 'interrupted', null),
    ]
  : [];
const points = new Map<number, ApiMetricPoint[]>();
for (const { id } of runs)
  points.set(id, Array.from({ length: 40 }, (_, epoch) => pointsOf(id, epoch)).flat());
function pointsOf(id: number, epoch: number): ApiMetricPoint[] {
  const fall = Math.exp(-epoch / 9);
  return [
    { epoch, name: 'loss', value: 0.16 + 0.4 * fall },
    { epoch, name: 'refit.loss', value: 0.2 + 0.38 * fall + 0.01 * noise(epoch + id) },
    { epoch, name: 'valMae', value: 89 + 70 * fall + 3 * noise(epoch * 7 + id) },
    { epoch, name: 'valMape', value: 0.13 + 0.1 * fall },
    { epoch, name: 'valCoverage80', value: 0.8 - 0.18 * fall + 0.01 * noise(epoch + 3) },
    ...(epoch === 0
      ? [
          { epoch, name: 'baseline.historical.valMae', value: 120 },
          { epoch, name: 'baseline.ridge.valMae', value: 102 },
        ]
      : []),
  ];
}

const jobs: ApiJobState[] = [];
const listeners = new Set<() => void>();
const changed = () => {
  for (const wake of [...listeners]) wake();
};
const cancelled = new Set<string>();
const stopped = new Set<number>();

function startJob(
  kind: ApiJobState['kind'],
  title: string,
  stages: string[],
  seconds: number,
  done: () => unknown,
  runId: number | null = null,
) {
  const id = `job-${jobs.length + 1}`;
  const started = Date.now();
  const job: ApiJobState = {
    id,
    kind,
    title,
    status: 'running',
    startedAt: new Date().toISOString(),
    elapsedS: 0,
    progress: null,
    secondsLeft: null,
    error: null,
    result: null,
    runId,
  };
  jobs.push(job);
  const timer = setInterval(() => {
    const at = jobs.findIndex((other) => other.id === id);
    const elapsedS = (Date.now() - started) / 1000;
    const share = Math.min(1, elapsedS / seconds);
    const step = Math.min(stages.length - 1, Math.floor(share * stages.length));
    const stop = runId !== null && stopped.has(runId);
    const next: ApiJobState = {
      ...jobs[at]!,
      elapsedS,
      secondsLeft: share > 0.08 ? elapsedS / share - elapsedS : null,
      progress:
        kind === 'train'
          ? {
              stage: `epoch ${Math.ceil(share * 60)} of 60`,
              done: Math.floor(share * 60),
              total: 60,
              unit: 'epochs',
            }
          : {
              stage: stages[step]!,
              done: Math.round((share * stages.length - step) * 40_000),
              total: 40_000,
              unit: 'rows',
              step: step + 1,
              steps: stages.length,
            },
    };
    if (kind === 'train' && runId !== null) {
      const list = points.get(runId) ?? [];
      const epochs = Math.floor(share * 60);
      for (let epoch = (list.at(-1)?.epoch ?? -1) + 1; epoch < epochs; epoch++)
        list.push(...pointsOf(runId, epoch));
      points.set(runId, list);
    }
    if (cancelled.has(id)) next.status = 'cancelled';
    else if (share >= 1 || stop) {
      next.result = done();
      next.status = 'done';
    }
    jobs[at] = next;
    if (next.status !== 'running') clearInterval(timer);
    changed();
  }, 300);
  changed();
  return id;
}
const setRun = (id: number, change: Partial<ApiRunInfo>) => {
  runs = runs.map((old) => (old.id === id ? { ...old, ...change } : old));
};

async function* states(signal: AbortSignal | undefined, pick: () => ApiJobState[]) {
  const sent = new Map<string, ApiJobState>();
  while (!signal?.aborted) {
    for (const job of pick()) {
      if (sent.get(job.id) === job) continue;
      sent.set(job.id, job);
      yield job;
    }
    await new Promise<void>((resolve) => {
      const wake = () => {
        listeners.delete(wake);
        resolve();
      };
      listeners.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}

const fail = (message: string, remedy: string) =>
  new ORPCError('ETALON', { defined: true, data: { code: 'input' as const, message, remedy } });

const os = implement(contract);
const header = ['data_id', 'doy', 'minute', 'time', 'segments', 'seconds'];
const rows = Array.from({ length: 200 }, (_, i) => [
  `T-${88_120 + i}`,
  String(121 + Math.floor(i / 12)),
  String((i * 37) % 1440),
  String(Math.round(300 + 900 * noise(i))),
  Array.from({ length: 12 }, (_, k) => 1200 + i + k).join(' '),
  Array.from({ length: 12 }, () => '42').join(' '),
]);

const nearestSegment = ([x, y]: Point): number => {
  let best = 0;
  let least = Infinity;
  city.segments.forEach(({ coordinates }, id) => {
    const [a, b] = [coordinates[0]!, coordinates[1]!];
    const d = metres([x, y], [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
    if (d < least) [best, least] = [id, d];
  });
  return best;
};
const segmentInfo = (segment: number) => {
  const s = city.segments[segment]!;
  return {
    segment,
    ref: `way/${1000 + segment}`,
    reverseRef: null,
    name: s.name,
    roadClass: ['motorway', 'trunk', 'primary', 'secondary', 'tertiary', 'unclassified', 'residential'][
      s.roadClass
    ]!,
    lengthM: s.lengthM,
    speedLimitKmh: FREE_KMH[s.roadClass]!,
    speedTagged: segment % 2 === 0,
    lanes: s.roadClass < 3 ? 2 : 1,
    surface: 'paved',
    bridge: segment % 31 === 0,
    tunnel: false,
    toll: false,
    signal: segment % 5 === 0,
    oneway: s.oneway,
    traversals: Math.round(noise(segment) * 900),
    coordinates: s.coordinates,
    turns: city.leaving[s.to]!.filter((t) => city.segments[t]!.to !== s.from).map((t) => ({
      toRef: `way/${1000 + t}`,
      toName: city.segments[t]!.name,
      turnClass: 'right',
      angleDeg: 88,
    })),
  };
};

interface MockTrip {
  from: Point;
  to: Point;
  depart?: string | undefined;
  arrive?: string | undefined;
}

/** In four steps of a quarter of a second. */
async function* answered<Answer>(stage: string, answer: Answer): AsyncGenerator<CallProgress, Answer, void> {
  for (let step = 1; step <= 4; step++) {
    yield { progress: { stage, done: 0, step, steps: 4 }, secondsLeft: (5 - step) / 4 };
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return answer;
}

function mockRoute(input: MockTrip) {
  // An arrival is answered as if every drive took a quarter of an hour.
  const at = input.depart ?? input.arrive!;
  const minute =
    Number(at.slice(11, 13)) * 60 + Number(at.slice(14, 16)) - (input.arrive === undefined ? 0 : 15);
  const clock = (m: number) =>
    `${at.slice(0, 10)}T${String(Math.floor(m / 60) % 24).padStart(2, '0')}:${String(Math.floor(m % 60)).padStart(2, '0')}`;
  const from = city.segments[nearestSegment(input.from)]!.to;
  const to = city.segments[nearestSegment(input.to)]!.to;
  const seconds = (id: number) => freeS(id) / ratioAt(id, minute) + 4;
  const path = shortestPath(city, from, to, seconds);
  if (path.length === 0) throw fail('There is no way from A to B.', 'Move A or B to another road.');
  const other = shortestPath(city, from, to, (id) => seconds(id) * (path.includes(id) ? 1.6 : 1));
  const sums = { distance: 0, time: 0, free: 0 };
  const profile = path.map((segment) => {
    sums.distance += city.segments[segment]!.lengthM;
    sums.time += seconds(segment);
    sums.free += freeS(segment) + 2;
    return {
      segment,
      distanceM: sums.distance,
      elapsedS: sums.time,
      lowS: sums.time * 0.87,
      highS: sums.time * 1.22,
      freeFlowS: sums.free,
      ratio: ratioAt(segment, minute),
    };
  });
  const line = (ids: number[]): Point[] => [
    city.segments[ids[0]!]!.coordinates[0]!,
    ...ids.map((id) => city.segments[id]!.coordinates[1]!),
  ];
  const byName = new Map<string, number[]>();
  for (const id of path)
    byName.set(city.segments[id]!.name, [...(byName.get(city.segments[id]!.name) ?? []), id]);
  const sum = (ids: number[], of: (id: number) => number) => ids.reduce((total, id) => total + of(id), 0);
  const arrive = minute + sums.time / 60;
  return {
    segments: path,
    coordinates: line(path),
    distanceM: sums.distance,
    depart: clock(minute),
    etaS: sums.time,
    lowS: sums.time * 0.87,
    highS: sums.time * 1.22,
    arrive: clock(arrive),
    freeFlowS: sums.free,
    historicalS: sums.time * 1.11,
    profile,
    stretches: [...byName]
      .map(([name, ids]) => ({
        name,
        lengthM: sum(ids, (id) => city.segments[id]!.lengthM),
        timeS: sum(ids, seconds),
        delayS: sum(ids, seconds) - sum(ids, freeS),
        ratio: sum(ids, freeS) / sum(ids, seconds),
      }))
      .sort((a, b) => b.delayS - a.delayS),
    alternatives:
      other.length > 0
        ? [
            {
              coordinates: line(other),
              distanceM: sum(other, (id) => city.segments[id]!.lengthM),
              etaS: sum(other, seconds),
              lowS: sum(other, seconds) * 0.88,
              highS: sum(other, seconds) * 1.15,
              via: 'Weir Street',
            },
          ]
        : [],
    snapM: [12, 240] as [number, number],
    ...(input.arrive !== undefined && {
      arriveBy: {
        time: input.arrive,
        leaving: [0.5, 0.8, 0.9, 0.95].map((share, i) => ({ share, depart: clock(minute - i) })),
      },
    }),
  };
}

const router = os.router({
  app: {
    info: os.app.info.handler(() => ({
      version: '0.1.0',
      shell: 'serve' as const,
      platform: 'linux',
      cpuThreads: 2,
      memoryBytes: 25e9,
      diskFreeBytes: 31e9,
      homeDir: homedir(),
      recent: [
        {
          path: `${homedir()}/Lindhaven 2025.etalon`,
          name: 'Lindhaven 2025',
          openedAt: new Date(Date.now() - 7.2e6).toISOString(),
          exists: true,
        },
      ],
      open: project?.path ?? null,
    })),
    devices: os.app.devices.handler(() => [
      {
        id: 'webgpu' as const,
        name: '',
        available: false,
        note: 'No GPU adapter was found.',
        preferred: false,
      },
      { id: 'cpu' as const, name: '2 CPU threads', available: true, note: null, preferred: true },
    ]),
    pickFile: os.app.pickFile.handler(() => ({ supported: false, path: null })),
    listFolder: os.app.listFolder.handler(async ({ input }) => {
      const entries = await readdir(input.path, { withFileTypes: true }).catch(() => {
        throw fail(`There is no folder ${input.path}.`, 'Choose another folder.');
      });
      return {
        path: input.path,
        parent: input.path === '/' ? null : normalize(join(input.path, '..')),
        entries: await Promise.all(
          entries.map(async (entry) => {
            const path = join(input.path, entry.name);
            const info = await stat(path).catch(() => null);
            return {
              name: entry.name,
              path,
              folder: info?.isDirectory() ?? false,
              sizeBytes: info?.size ?? 0,
              modifiedAt: (info?.mtime ?? new Date(0)).toISOString(),
            };
          }),
        ),
      };
    }),
  },
  project: {
    create: os.project.create.handler(({ input }) => {
      project = bare(input.path);
      return project;
    }),
    open: os.project.open.handler(({ input }) => {
      if (input.path.includes('broken'))
        throw fail(`${input.path} is not an Etalon project.`, 'Choose a file that ends in .etalon.');
      project = filled(input.path);
      return project;
    }),
    createSample: os.project.createSample.handler(({ input }) => ({
      jobId: startJob(
        'sample',
        'Building the sample city',
        ['Laying out streets', 'Simulating traffic', 'Writing the project'],
        6,
        () => {
          project = filled(input.path);
        },
      ),
    })),
    close: os.project.close.handler(() => {
      project = null;
      return { closed: true };
    }),
    info: os.project.info.handler(() => project),
    removeSource: os.project.removeSource.handler(({ input }) => {
      project = {
        ...project!,
        sources: project!.sources.filter((source) => source.id !== input.id),
        trips: 0,
        firstDay: null,
        lastDay: null,
      };
      return project;
    }),
  },
  roads: {
    import: os.roads.import.handler(({ input }) => ({
      jobId: startJob(
        'import-roads',
        'Importing roads',
        ['Reading nodes', 'Reading ways', 'Splitting at junctions', 'Writing'],
        5,
        () => {
          project = {
            ...filled(project!.path),
            trips: 0,
            firstDay: null,
            lastDay: null,
            sources: [
              {
                id: 1,
                kind: 'roads',
                path: input.path,
                importedAt: new Date().toISOString(),
                report: report(input.path, 'roads'),
              },
            ],
          };
          return report(input.path, 'roads');
        },
      ),
    })),
    tile: os.roads.tile.handler(
      ({ input }) =>
        new Blob([(city.tile(input.z, input.x, input.y) ?? new Uint8Array()) as Uint8Array<ArrayBuffer>]),
    ),
    segment: os.roads.segment.handler(({ input }) => segmentInfo(input.segment)),
    nearest: os.roads.nearest.handler(({ input }) => segmentInfo(nearestSegment(input.point))),
    search: os.roads.search.handler(({ input }) => {
      const seen = new Map<string, { name: string; point: Point; lengthM: number }>();
      for (const { name, coordinates, lengthM } of city.segments)
        if (name.toLowerCase().includes(input.text.toLowerCase()))
          seen.set(name, { name, point: coordinates[0]!, lengthM: (seen.get(name)?.lengthM ?? 0) + lengthM });
      return [...seen.values()].slice(0, input.limit);
    }),
    segmentDay: os.roads.segmentDay.handler(({ input }) => mockSegmentDay(traffic, input.segment)),
    segmentWeek: os.roads.segmentWeek.handler(({ input }) => mockSegmentWeek(traffic, input.segment)),
  },
  trips: {
    preview: os.trips.preview.handler(({ input }) => ({
      sizeBytes: 18_400_000,
      columns: header.map((name, at) => ({ name, samples: rows.slice(0, 5).map((row) => row[at]!) })),
      rows,
      suggested: {
        id: 'data_id',
        departure: null,
        dayOfYear: 'doy',
        minuteOfDay: 'minute',
        totalSeconds: 'time',
        segments: 'segments',
        segmentSeconds: 'seconds',
      },
      missing: [
        ...(input.mapping?.year ? [] : ['year']),
        ...(input.mapping && !input.mapping.totalSeconds ? ['totalSeconds'] : []),
      ],
      problems: [
        {
          row: 14,
          line: 16,
          malformed: false,
          column: 'segments',
          message: 'Segment 1219 is not in the road network.',
        },
        { row: 31, line: 33, malformed: false, column: 'time', message: 'The trip takes 4 s for 6.2 km.' },
      ],
      durationsS: rows.map((row) => Number(row[3])),
      speedsKmh: rows.map((_, i) => 14 + 30 * noise(i + 4) + 12 * noise(i + 9)),
    })),
    import: os.trips.import.handler(({ input }) => ({
      jobId: startJob(
        'import-trips',
        'Importing trips',
        ['Reading rows', 'Checking segments', 'Writing'],
        4,
        () => {
          project = filled(project!.path);
          return report(input.path, 'trips');
        },
      ),
    })),
    summary: os.trips.summary.handler(() => ({
      byDay: Array.from({ length: 21 }, (_, i) => ({
        day: new Date(Date.UTC(2025, 4, 5 + i)).toISOString().slice(0, 10),
        trips: i % 7 < 5 ? 2100 + 90 * (i % 4) : 1150,
      })),
      byHour: Array.from({ length: 24 }, (_, h) =>
        Math.round(300 + 2800 * (Math.exp(-((h - 8) ** 2) / 4) + Math.exp(-((h - 17) ** 2) / 6))),
      ),
      medianS: 1010,
      medianKm: 6.4,
    })),
  },
  gps: {
    preview: os.gps.preview.handler(() => ({
      sizeBytes: 7_000_000,
      format: 'CSV' as const,
      columns: ['vehicle', 'time', 'lat', 'lon'].map((name, at) => ({
        name,
        samples: gpsRows.slice(0, 5).map((row) => row[at]!),
      })),
      rows: gpsRows,
      suggested: { trace: 'vehicle', time: 'time', latitude: 'lat', longitude: 'lon' },
      missing: [],
      problems: [
        {
          row: 3,
          line: 5,
          malformed: false,
          column: 'time',
          message: 'Points whose time is missing or is no date and time ("").',
        },
      ],
      sample: {
        quality: matchQuality(1200, 0.98),
        sigmaM: 9.4,
        betaM: 6.1,
        intervalS: 15,
        traces: Array.from({ length: 8 }, (_, i) => ({
          id: `car-${i}`,
          trips: 1 + (i % 3),
          ...matchQuality(150, 0.94 + 0.05 * noise(i)),
        })),
        durationsS: Array.from({ length: 14 }, (_, i) => 400 + 900 * noise(i)),
        speedsKmh: Array.from({ length: 14 }, (_, i) => 14 + 30 * noise(i + 4)),
      },
    })),
    import: os.gps.import.handler(({ input }) => ({
      jobId: startJob('import-gps', 'Importing GPS points', ['Reading points', 'Matching points'], 4, () => {
        project = filled(project!.path);
        return { report: report(input.path, 'trips') };
      }),
    })),
  },
  observations: {
    preview: os.observations.preview.handler(({ input }) => ({
      sizeBytes: 9_200_000,
      columns: ['segment', 'time', 'speed'].map((name) => ({
        name,
        samples: [name === 'speed' ? '41.5' : name],
      })),
      rows: Array.from({ length: 40 }, (_, i) => [
        `way/${1000 + i}`,
        '2025-05-05 08:00',
        (20 + 40 * noise(i)).toFixed(1),
      ]),
      suggested: {
        layout: 'segments' as const,
        segment: 'segment',
        time: 'time',
        speed: 'speed',
        unit: 'km/h' as const,
        stepS: 300,
        maxDistanceM: 50,
        ...input.mapping,
      },
      unitFrom: 'limits' as const,
      missing: [],
      problems: [],
      speedsKmh: Array.from({ length: 40 }, (_, i) => 20 + 40 * noise(i)),
      medianLimitKmh: 50,
      sensors: null,
    })),
    import: os.observations.import.handler(({ input }) => ({
      jobId: startJob('import-observations', 'Importing observations', ['Reading observations'], 4, () =>
        report(input.path, 'trips'),
      ),
    })),
    summary: os.observations.summary.handler(() => ({
      byDay: [],
      byHour: Array.from({ length: 24 }, () => ({ observations: 0, meanKmh: null })),
      segments: { observed: 0, all: city.segments.length, observedKm: 0, allKm: 100, median: 0 },
    })),
    ofSegment: os.observations.ofSegment.handler(() => ({
      localStartS: [],
      durationS: [],
      speedKmh: [],
      vehicles: [],
    })),
  },
  jobs: {
    list: os.jobs.list.handler(() => jobs),
    watch: os.jobs.watch.handler(({ input, signal }) =>
      states(signal, () => jobs.filter((job) => job.id === input.id)),
    ),
    watchAll: os.jobs.watchAll.handler(({ signal }) => states(signal, () => jobs)),
    cancel: os.jobs.cancel.handler(({ input }) => {
      cancelled.add(input.id);
      return { cancelled: true };
    }),
  },
  runs: {
    settings: os.runs.settings.handler(() => [
      {
        key: 'epochs',
        label: 'Epochs',
        help: 'Passes over the training trips; training ends earlier when the error stops falling.',
        unit: null,
        kind: 'integer' as const,
        default: 60,
        min: 1,
        max: 500,
        choices: null,
      },
      {
        key: 'hidden',
        label: 'Width',
        help: 'Numbers in each hidden state.',
        unit: null,
        kind: 'choice' as const,
        default: '64',
        min: null,
        max: null,
        choices: ['32', '64', '128'],
      },
      {
        key: 'learningRate',
        label: 'Learning rate',
        help: 'Step size of Adam at the start.',
        unit: null,
        kind: 'number' as const,
        default: 0.001,
        min: 0.00001,
        max: 0.1,
        choices: null,
      },
      {
        key: 'ema',
        label: 'Average the weights',
        help: 'Evaluate a running mean of the weights.',
        unit: null,
        kind: 'boolean' as const,
        default: true,
        min: null,
        max: null,
        choices: null,
      },
    ]),
    train: os.runs.train.handler(({ input }) => {
      const id = runs.length + 1;
      runs = [
        ...runs,
        { ...run(id, input.name ?? `eta-${id}`, 'running', null), config: input, validation: null },
      ];
      return {
        runId: id,
        jobId: startJob(
          'train',
          `Training eta-${id}`,
          ['x'],
          60,
          () =>
            setRun(id, {
              status: 'finished',
              evaluation: evaluation(id, 89.4),
              finishedAt: new Date().toISOString(),
            }),
          id,
        ),
      };
    }),
    resume: os.runs.resume.handler(({ input }) => {
      setRun(input.runId, { status: 'running' });
      return {
        jobId: startJob(
          'train',
          `Training eta-${input.runId}`,
          ['x'],
          60,
          () => setRun(input.runId, { status: 'finished' }),
          input.runId,
        ),
      };
    }),
    stop: os.runs.stop.handler(({ input }) => {
      stopped.add(input.runId);
      return { stopped: true };
    }),
    list: os.runs.list.handler(() => runs),
    metrics: os.runs.metrics.handler(({ input }) => points.get(input.runId) ?? []),
    watchMetrics: os.runs.watchMetrics.handler(async function* ({ input, signal }) {
      let sent = 0;
      while (!signal?.aborted) {
        const list = points.get(input.runId) ?? [];
        if (list.length > sent) yield list.slice(sent);
        sent = list.length;
        if (runs.find(({ id }) => id === input.runId)?.status !== 'running') return;
        await new Promise((resolve) => setTimeout(resolve, 400));
      }
    }),
    rename: os.runs.rename.handler(({ input }) => {
      setRun(input.runId, { name: input.name });
      return runs.find(({ id }) => id === input.runId)!;
    }),
    remove: os.runs.remove.handler(({ input }) => {
      runs = runs.filter(({ id }) => id !== input.runId);
      return { removed: true };
    }),
    evaluate: os.runs.evaluate.handler(({ input }) => ({
      jobId: startJob(
        'evaluate',
        `Evaluating run ${input.runId}`,
        ['Predicting trips'],
        4,
        () => {
          const result = evaluation(input.runId, 93);
          setRun(input.runId, { evaluation: result });
          return result;
        },
        input.runId,
      ),
    })),
    rolling: os.runs.rolling.handler(({ input }) => ({
      jobId: startJob(
        'rolling',
        `Rolling evaluation of run ${input.runId}`,
        ['Window 1 of 4'],
        6,
        () => undefined,
      ),
    })),
    export: os.runs.export.handler(({ input }) => ({
      jobId: startJob(
        'export',
        `Exporting run ${input.runId}`,
        ['Writing the file', 'Checking it'],
        3,
        () => ({
          path: input.path,
          bytes: 812_000,
          inputs: [],
          outputs: [],
          maxRelativeDifference: 2.1e-6,
          checked: 16,
        }),
        input.runId,
      ),
    })),
    compare: os.runs.compare.handler(({ input: { a, b } }) => {
      const nameOf = (id: number) => runs.find((one) => one.id === id)?.name ?? `run ${id}`;
      return mockComparison(
        { id: a, name: nameOf(a) },
        typeof b === 'number' ? { id: b, name: nameOf(b) } : { id: null, name: b },
      );
    }),
  },
  speeds: {
    import: os.speeds.import.handler(({ input }) => ({
      jobId: startJob('import-profiles', 'Importing historical speeds', ['Reading speeds'], 3, () => ({
        ...report(input.path, 'trips'),
        format: 'Valhalla historical speeds',
      })),
    })),
    export: os.speeds.export.handler(({ input }) => ({
      jobId: startJob(
        'export-speeds',
        'Exporting speeds',
        ['Asking for speeds', 'Writing edges'],
        3,
        () => ({
          format: input.format,
          path: input.path,
          files: 1,
          bytes: 4_812_000,
          rows: 8_412,
          segments: 7_904,
          source: 'eta-1, asked every 30 minutes of a week',
          notes: [],
        }),
        typeof input.source === 'number' ? input.source : null,
      ),
    })),
  },
  simulator: {
    expect: os.simulator.expect.handler(({ input }) => ({ seconds: 5 + 3 * input.days })),
    start: os.simulator.start.handler(({ input }) => ({
      jobId: startJob(
        'simulate',
        `Simulating ${input.days} days of traffic`,
        ['Drivers learn their ways', 'Simulating traffic', 'Saving trips'],
        6,
        () => {
          project = filled(project!.path);
          return report(`simulated, ${input.days} days`, 'trips');
        },
      ),
    })),
  },
  interactions: {
    preview: os.interactions.preview.handler(() => []),
    import: os.interactions.import.handler(() => {
      throw fail('There is no such file.', 'Check the path.');
    }),
    nodes: os.interactions.nodes.handler(noInteractions),
    summary: os.interactions.summary.handler(noInteractions),
  },
  recommenders: {
    list: os.recommenders.list.handler(() => []),
    evaluate: os.recommenders.evaluate.handler(noInteractions),
    ask: os.recommenders.ask.handler(noInteractions),
    explain: os.recommenders.explain.handler(noInteractions),
    way: os.recommenders.way.handler(noInteractions),
    embeddingMap: os.recommenders.embeddingMap.handler(noInteractions),
    askAll: os.recommenders.askAll.handler(noInteractions),
    exportEmbeddings: os.recommenders.exportEmbeddings.handler(noInteractions),
  },
  supersegments: {
    catalogue: os.supersegments.catalogue.handler(({ input }) =>
      answered('Drawing supersegments', supersegments.catalogue(input)),
    ),
    coverage: os.supersegments.coverage.handler(({ input }) => supersegments.coverage(input)),
    one: os.supersegments.one.handler(({ input }) => supersegments.one(input)),
    lines: os.supersegments.lines.handler(({ input }) =>
      Array.from({ length: input.count }, (_, id) => supersegments.line(id, input)),
    ),
  },
  scenarios: {
    list: os.scenarios.list.handler(() => scenarios.list()),
    save: os.scenarios.save.handler(({ input }) => scenarios.save(input)),
    rename: os.scenarios.rename.handler(({ input }) => scenarios.save(input)),
    remove: os.scenarios.remove.handler(({ input }) => {
      scenarios.remove(input.id);
      return { removed: true };
    }),
    speeds: os.scenarios.speeds.handler(({ input }) => {
      const minute = Number(input.at.slice(11, 13)) * 60 + Number(input.at.slice(14, 16));
      return scenarios.speeds(
        Float32Array.from(city.segments, (_, id) => ratioAt(id, minute)),
        input.edits,
      );
    }),
    route: os.scenarios.route.handler(() => ({
      base: null,
      scenario: null,
      differenceS: null,
      notices: [],
    })),
    summary: os.scenarios.summary.handler(({ input }) => scenarios.summary(input.edits)),
  },
  predict: {
    speeds: os.predict.speeds.handler(({ input }) => {
      const minute = Number(input.at.slice(11, 13)) * 60 + Number(input.at.slice(14, 16));
      const values = Float32Array.from(city.segments, (_, id) =>
        id % 97 === 0 ? Number.NaN : ratioAt(id, minute) + (input.runId === null ? 0.04 : 0),
      );
      const classKm = [0, 0, 0, 0, 0, 0];
      values.forEach((ratio, id) => {
        if (Number.isNaN(ratio)) return;
        const at = [0.9, 0.75, 0.6, 0.45, 0.3].findIndex((least) => ratio >= least);
        classKm[at < 0 ? 5 : at]! += city.segments[id]!.lengthM / 1000;
      });
      return { values: new Blob([values]), meanRatio: 0.8, classKm };
    }),
    day: os.predict.day.handler(({ input }) =>
      Array.from({ length: 1440 / input.stepMinutes }, (_, i) => {
        const minute = i * input.stepMinutes;
        const predicted =
          city.segments.slice(0, 400).reduce((sum, _, id) => sum + ratioAt(id * 3, minute), 0) / 400;
        return { minute, predicted, observed: predicted + 0.03 * (noise(i) - 0.5) };
      }),
    ),
    route: os.predict.route.handler(({ input }) => mockRoute(input)),
    explain: os.predict.explain.handler(({ input }) =>
      answered(
        'Following the inputs',
        mockExplanation(mockRoute(input), (segment) => city.segments[segment]!.name),
      ),
    ),
    layer: os.predict.layer.handler(({ input }) => mockLayer(traffic, input)),
    watchLayer: os.predict.watchLayer.handler(async function* () {
      yield null;
    }),
    isochrone: os.predict.isochrone.handler(({ input }) => ({
      depart: input.depart,
      // Circles at 24 km/h.
      bands: input.minutes.map((minutes) => {
        const km = 0.4 * minutes;
        const ring = Array.from(
          { length: 49 },
          (_, k): Point => [
            input.from[0] + (km / 65) * Math.cos((k * Math.PI) / 24),
            input.from[1] + (km / 111) * Math.sin((k * Math.PI) / 24),
          ],
        );
        return { minutes, polygons: [[ring]], areaKm2: Math.PI * km ** 2, roadKm: 20 * km ** 2 };
      }),
      roadsideM: 100,
      lines: [],
      snapM: 8,
    })),
    matrix: os.predict.matrix.handler(({ input }) => {
      const table = (of: (a: Point, b: Point) => number) =>
        input.from.map((a) => input.to.map((b) => of(a, b)));
      return { seconds: table((a, b) => metres(a, b) / 8), metres: table(metres) };
    }),
    batch: os.predict.batch.handler(({ input }) => ({
      jobId: startJob('predict-batch', 'Predicting trips', ['Predicting trips'], 4, () => ({
        path: input.out,
        rows: 200,
        predicted: 200,
        failed: 0,
        problems: [],
      })),
    })),
  },
});

const root = fileURLToPath(new URL('../../out/renderer', import.meta.url));
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const server = createServer(async (request, response) => {
  const path = new URL(request.url ?? '/', 'http://x').pathname;
  const file = join(root, path === '/' ? 'index.html' : normalize(path));
  try {
    const body = await readFile(file);
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy':
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'",
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
const handler = new RPCHandler(router);
new WebSocketServer({ server, path: '/api' }).on('connection', (socket) => void handler.upgrade(socket));
server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/`));
