import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { etaEvaluation, runComparison } from './evaluation.ts';
import { explanationQuestion, routeExplanation } from './explanation.ts';
import {
  interactionFiles,
  interactionPreview,
  interactionSet,
  interactionSummary,
  nodeList,
  nodeQuestion,
} from './interactions.ts';
import { answeredWithProgress, progress } from './progress.ts';
import {
  deliveryWay,
  embeddingMap,
  rankingEvaluation,
  recommendationReasons,
  recommenderChoice,
  recommenderInfo,
  recommendQuestion,
  userRecommendations,
} from './recommenders.ts';
import {
  differenceRange,
  scenarioEdits,
  scenarioInfo,
  scenarioNotice,
  scenarioSpeeds,
  scenarioSummary,
} from './scenarios.ts';
import { speedEvaluation } from './speedEvaluation.ts';
import { supersegmentCatalogue, supersegmentDetail, supersegmentQuestion } from './supersegments.ts';
import { filePurpose, localDate, localDateTime, point } from './values.ts';

/** Everything a client may ask of Etalon. Both shells serve it; the window knows nothing else of the product. */

/** The longest time of an isochrone. */
export const MAX_ISOCHRONE_MINUTES = 120;

export const errorData = z.object({
  code: z.enum(['usage', 'input', 'not-found', 'conflict', 'cancelled', 'device', 'internal']),
  message: z.string(),
  where: z
    .object({
      file: z.string().optional(),
      line: z.number().optional(),
      column: z.number().optional(),
      field: z.string().optional(),
    })
    .optional(),
  remedy: z.string().optional(),
  /** Of an import that failed by rows that cannot be read: `skipMalformed` would leave them out. */
  malformed: z
    .object({
      count: z.number(),
      /** There may be more: the file was not looked through to its end. */
      atLeast: z.boolean(),
      /** The first: where and why. */
      examples: z.array(z.string()),
    })
    .optional(),
});

/** Whether rows (features, elements, lines) that cannot be read are left out; else the first of them stops an import. */
const skipMalformed = z.boolean().default(false);

export const importReport = z.object({
  source: z.string(),
  format: z.string(),
  read: z.record(z.string(), z.number()),
  kept: z.record(z.string(), z.number()),
  dropped: z.array(
    z.object({
      reason: z.string(),
      description: z.string(),
      count: z.number(),
      examples: z.array(z.string()),
    }),
  ),
  notes: z.array(z.string()),
  seconds: z.number(),
});

export const projectInfo = z.object({
  path: z.string(),
  name: z.string(),
  createdAt: z.string(),
  timeZone: z.string().nullable(),
  segments: z.number(),
  junctions: z.number(),
  turns: z.number(),
  bounds: z.tuple([z.number(), z.number(), z.number(), z.number()]).nullable(),
  trips: z.number(),
  firstDay: z.string().nullable(),
  lastDay: z.string().nullable(),
  traversals: z.number(),
  segmentTimes: z.boolean(),
  /** Speeds of a segment in an interval, how many segments have any, and the local dates of the first and last. */
  observations: z.number(),
  observedSegments: z.number(),
  firstObservedDay: z.string().nullable(),
  lastObservedDay: z.string().nullable(),
  interactions: z.array(interactionSet),
  sources: z.array(
    z.object({
      id: z.number(),
      kind: z.enum(['roads', 'trips', 'observations', 'profiles', 'interactions']),
      path: z.string(),
      importedAt: z.string(),
      report: importReport,
    }),
  ),
  runs: z.number(),
  sizeBytes: z.number(),
});

export const jobKind = z.enum([
  'sample',
  'import-roads',
  'import-trips',
  'import-observations',
  'import-interactions',
  'train',
  'evaluate',
  'export',
  'evaluate-ranking',
  'recommend',
  'recommend-all',
  'export-embeddings',
  'import-profiles',
  'export-speeds',
  'import-gps',
  'predict-batch',
  'forecast',
  'rolling',
  'simulate',
]);

export const jobState = z.object({
  id: z.string(),
  kind: jobKind,
  /** For a person: "Training eta-3". */
  title: z.string(),
  /** `waiting`: for its turn behind another job. */
  status: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']),
  startedAt: z.string(),
  elapsedS: z.number(),
  progress: progress.nullable(),
  /** Seconds left by the pace so far; null until there is one. */
  secondsLeft: z.number().nullable(),
  error: errorData.nullable(),
  /** The job's own result once it is done: an import report, an evaluation … */
  result: z.unknown(),
  /** The run that a train, evaluate or export job works on. */
  runId: z.number().nullable(),
});

export const runInfo = z.object({
  id: z.number(),
  name: z.string(),
  model: z.string(),
  /** Of its model. */
  predicts: z.enum(['travelTimes', 'speeds', 'items']),
  status: z.enum(['running', 'interrupted', 'finished', 'failed']),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  seconds: z.number(),
  device: z.string().nullable(),
  config: z.unknown(),
  /** The newest evaluation. */
  evaluation: etaEvaluation.nullable(),
  /** Best validation figures so far, for runs not evaluated yet. */
  validation: z.object({ epoch: z.number(), maeS: z.number(), mape: z.number() }).nullable(),
  /** The same of a run that forecasts speeds, which has neither of the others; null for one of travel times. */
  speeds: z
    .object({
      evaluation: speedEvaluation.nullable(),
      validation: z.object({ epoch: z.number(), maeKmh: z.number(), mape: z.number() }).nullable(),
    })
    .nullable(),
  /** The same of a recommender, which has none of the others. */
  ranking: rankingEvaluation.nullable(),
  error: errorData.nullable(),
});

export const metricPoint = z.object({ epoch: z.number(), name: z.string(), value: z.number() });

export const segmentInfo = z.object({
  segment: z.number(),
  ref: z.string(),
  /** Of the same road in the opposite direction. */
  reverseRef: z.string().nullable(),
  name: z.string(),
  roadClass: z.string(),
  lengthM: z.number(),
  speedLimitKmh: z.number(),
  speedTagged: z.boolean(),
  lanes: z.number(),
  surface: z.string(),
  bridge: z.boolean(),
  tunnel: z.boolean(),
  toll: z.boolean(),
  signal: z.boolean(),
  oneway: z.boolean(),
  /** Traversals in the imported trips. */
  traversals: z.number(),
  coordinates: z.array(point),
  turns: z.array(
    z.object({ toRef: z.string(), toName: z.string(), turnClass: z.string(), angleDeg: z.number() }),
  ),
});

/** Values of one layer for every segment, as a Blob of little-endian float32; NaN = no prediction. */
const segmentValues = z.instanceof(Blob);

const column = z.object({
  name: z.string(),
  /** The first values, as read. */
  samples: z.array(z.string()),
});

/** Which column holds what; null = not in the file. Exactly one way of saying the departure must be given. */
export const tripMapping = z.object({
  id: z.string().nullable(),
  /** ISO 8601, `YYYY-MM-DD HH:MM:SS` on the wall clock, or Unix seconds / milliseconds. */
  departure: z.string().nullable(),
  /** The alternative: day of the year (1 … 366) and minute of the day, with `year`. */
  dayOfYear: z.string().nullable(),
  minuteOfDay: z.string().nullable(),
  year: z.number().int().nullable(),
  /** Null: the sum of the seconds of the segments. */
  totalSeconds: z.string().nullable(),
  /** Segment references in driving order, separated by blanks, commas, semicolons or as a JSON list. */
  segments: z.string(),
  segmentSeconds: z.string().nullable(),
});

/** Which column of a GPS file holds what; `trace` null = the file holds one trace. */
export const gpsMapping = z.object({
  trace: z.string().nullable(),
  /** ISO 8601, `YYYY-MM-DD HH:MM:SS` on the wall clock, or Unix seconds / milliseconds. */
  time: z.string(),
  /** Degrees, WGS 84. */
  latitude: z.string(),
  longitude: z.string(),
});

/** How GPS points are matched, where it shall not be estimated from them or as usual. */
export const gpsSettings = z.object({
  /** Standard deviation of a point's distance from its road, metres. */
  sigmaM: z.number().min(1).max(100).optional(),
  /** A trace is split where no point was recorded for longer than this, seconds. */
  maxGapS: z.number().min(1).max(86_400).optional(),
});

/** How well GPS points agree with the roads that they were matched to. */
export const matchQuality = z.object({
  points: z.number(),
  matchedShare: z.number(),
  /** Points left out because no vehicle drives so fast, or no way leads there. */
  outliers: z.number(),
  /** Points with no road within reach. */
  far: z.number(),
  breaks: z.number(),
  /** From the matched points to the road; null without any. */
  medianDistanceM: z.number().nullable(),
  /** Of the matched ways, and of the straight lines between their points. */
  lengthM: z.number(),
  straightM: z.number(),
  /** Mean probability of the matched places; null without any. */
  confidence: z.number().nullable(),
});

/** How a file of observations is read; null = not in the file, or not needed by its layout. */
export const observationMapping = z.object({
  /** `segments`: a row for each segment and interval. `detectors`: a row for each interval, a column for each sensor. */
  layout: z.enum(['segments', 'detectors']),
  time: z.string().nullable(),
  /** Seconds of an interval. */
  stepS: z.number().positive(),
  unit: z.enum(['km/h', 'mph', 'm/s']),
  segment: z.string().nullable(),
  way: z.string().nullable(),
  /** forward or backward, as the way is drawn. */
  direction: z.string().nullable(),
  speed: z.string().nullable(),
  /** Over the segment, or the whole way: in place of a speed. */
  seconds: z.string().nullable(),
  count: z.string().nullable(),
  /** Of a matrix without times: the first row's, on the wall clock. */
  start: z.string().nullable(),
  /** Files of the sensors' places and of how near they are to each other. */
  positions: z.string().nullable(),
  adjacency: z.string().nullable(),
  /** A sensor further from a road is left out. */
  maxDistanceM: z.number().nonnegative(),
});

export const routeAnswer = z.object({
  /** Segments in driving order. */
  segments: z.array(z.number()),
  coordinates: z.array(point),
  distanceM: z.number(),
  depart: z.string(),
  /** Median travel time and the ends of its 80 % interval. */
  etaS: z.number(),
  lowS: z.number(),
  highS: z.number(),
  arrive: z.string(),
  freeFlowS: z.number(),
  /** What the historical mean of the hour of the week says. */
  historicalS: z.number(),
  /** One row for each segment: distance and clock at its end. */
  profile: z.array(
    z.object({
      segment: z.number(),
      distanceM: z.number(),
      elapsedS: z.number(),
      lowS: z.number(),
      highS: z.number(),
      freeFlowS: z.number(),
      /** Predicted speed ÷ free-flow speed. */
      ratio: z.number(),
    }),
  ),
  /** Consecutive segments of one road name, longest delay first. */
  stretches: z.array(
    z.object({
      name: z.string(),
      lengthM: z.number(),
      timeS: z.number(),
      delayS: z.number(),
      ratio: z.number(),
    }),
  ),
  alternatives: z.array(
    z.object({
      coordinates: z.array(point),
      distanceM: z.number(),
      etaS: z.number(),
      lowS: z.number(),
      highS: z.number(),
      via: z.string(),
    }),
  ),
  /** How far the given points lay from the roads they were snapped to. */
  snapM: z.tuple([z.number(), z.number()]),
  /** Where an arrival was asked for: the latest departures that are on time with each share of trips, 0.5 … 0.95. */
  arriveBy: z
    .object({ time: z.string(), leaving: z.array(z.object({ share: z.number(), depart: z.string() })) })
    .optional(),
});

/** Seconds and metres from each start (rows) to each destination; null where no way leads there. */
export const travelMatrixAnswer = z.object({
  seconds: z.array(z.array(z.number().nullable())),
  metres: z.array(z.array(z.number().nullable())),
});

export const isochroneAnswer = z.object({
  depart: z.string(),
  /** Shortest first; each holds those before it. */
  bands: z.array(
    z.object({
      minutes: z.number(),
      /** GeoJSON's MultiPolygon coordinates: what lies within `roadsideM` of what is reached. */
      polygons: z.array(z.array(z.array(point))),
      areaKm2: z.number(),
      /** Kilometres of road reached, each direction for itself. */
      roadKm: z.number(),
    }),
  ),
  roadsideM: z.number(),
  /** Where asked for: every stretch that is reached, with the seconds from departure to its ends. */
  lines: z.array(
    z.object({ segment: z.number(), coordinates: z.array(point), beginS: z.number(), endS: z.number() }),
  ),
  snapM: z.number(),
});

export const batchReport = z.object({
  path: z.string(),
  rows: z.number(),
  predicted: z.number(),
  /** Rows without a prediction; the first of them with their lines and reasons. The file names all. */
  failed: z.number(),
  problems: z.array(z.object({ line: z.number(), message: z.string() })),
});

export const deviceInfo = z.object({
  id: z.enum(['cpu', 'webgpu']),
  /** "NVIDIA H200", "2 CPU threads". */
  name: z.string(),
  available: z.boolean(),
  /** Why it is not available, or why it would be slow (a software adapter). */
  note: z.string().nullable(),
  /** What `auto` takes. */
  preferred: z.boolean(),
});

/** `eta`, `speeds`, or a recommender, as the shell has them. */
const modelId = z.string();

export const trainConfig = z.object({
  model: modelId,
  name: z.string().min(1).optional(),
  /** Local dates; what was observed on or after `until` is never seen in training. */
  from: localDate.optional(),
  until: localDate.optional(),
  seed: z.number().int().default(1),
  device: z.enum(['auto', 'cpu', 'webgpu', 'webgpu:software']).default('auto'),
  /** The model's own settings, validated by it: epochs, hidden, learningRate, loss weights … */
  settings: z.record(z.string(), z.unknown()).default({}),
  /** What a recommender learns from. */
  interactions: recommenderChoice.optional(),
});

/** Weekly speeds in the form of another engine. */
export const speedExport = z.object({
  format: z.enum(['valhalla', 'osrm']),
  path: z.string(),
  /** A run's number, the history of the trips, or the weekly speeds that were imported. */
  source: z.union([z.number().int(), z.enum(['history', 'profiles'])]),
  /** Valhalla: its way_edges.txt. */
  waysPath: z.string().optional(),
  /** OSRM, which holds one speed for all times: the five minutes of the week from Monday 00:00 on; else 7 to 19 o'clock. */
  bin: z.number().int().min(0).max(2015).optional(),
  /** OSRM: where to write turn penalties, if they are wanted. */
  turnsPath: z.string().optional(),
});

/** A setting that a model offers, for forms. */
export const settingInfo = z.object({
  key: z.string(),
  label: z.string(),
  help: z.string(),
  unit: z.string().nullable(),
  kind: z.enum(['integer', 'number', 'boolean', 'choice', 'text']),
  default: z.union([z.number(), z.boolean(), z.string()]),
  /** The value under each preset that has one of its own, where the model has a setting `preset`. */
  presets: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])).optional(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  choices: z.array(z.string()).nullable(),
});

/** One segment's seconds over a local day; minutes are of the day. */
export const segmentDay = z.object({
  freeFlowS: z.number(),
  lengthM: z.number(),
  observed: z.array(z.object({ minute: z.number(), seconds: z.number() })),
  predicted: z.array(z.object({ minute: z.number(), seconds: z.number() })),
  /** 10 %, 50 % and 90 % quantile of all days of the same day type, in the middle of each step that has any. */
  usual: z.array(
    z.object({
      minute: z.number(),
      lowS: z.number(),
      medianS: z.number(),
      highS: z.number(),
      count: z.number(),
    }),
  ),
  /** How the observed seconds came about, where they were not measured. */
  note: z.string().nullable(),
});

/** One segment's speed ÷ free-flow speed by hour of the week, from Monday 00:00 on; null = none. */
export const segmentWeek = z.object({
  freeFlowS: z.number(),
  observed: z.array(z.number().nullable()).length(168),
  /** Traversals behind `observed`. */
  count: z.array(z.number()).length(168),
  predicted: z.array(z.number().nullable()).length(168),
  /** Monday of the week that is predicted. */
  from: z.string(),
  note: z.string().nullable(),
});

export const mapLayer = z.object({
  values: segmentValues,
  /** Kilometres of each class between `breaks`: one more than these. */
  classKm: z.array(z.number()),
  /** Descending: class k holds what is at least break k; ascending: what is below break k. The last holds the rest. */
  breaks: z.array(z.number()),
  unit: z.string(),
  note: z.string().nullable(),
  /** Of the layer of observations: their mean speeds. */
  meanSpeedsKmh: segmentValues.nullable(),
});

/** Traffic to be simulated on the project's roads. */
export const simulation = z.object({
  days: z.number().int().min(1).max(365),
  firstDay: localDate,
  /** IANA name; must be the project's where it has one. */
  timeZone: z.string(),
  /** 1 = what the roads bear with busy rush hours. */
  demand: z.number().min(0.2).max(2).default(1),
  incidentsPerDay: z.number().min(0).max(500).default(10),
  /** Probability that a day brings rain. */
  rain: z.number().min(0).max(1).default(0.3),
  /** Share of the simulated vehicles whose trips are kept. */
  probeShare: z.number().min(0.001).max(1).default(0.1),
  seed: z.number().int().default(1),
  /** Fit speeds and demand to the project's trips first; the demand is then where the fit begins. */
  calibrate: z.boolean().default(false),
  /** Dates with the traffic of a Sunday. */
  holidays: z.array(localDate).default([]),
});

/** What every preview of a file has. */
const filePreview = z.object({
  sizeBytes: z.number(),
  columns: z.array(column),
  /** The first 200 rows as read. */
  rows: z.array(z.array(z.string())),
  /** Fields still without a column. */
  missing: z.array(z.string()),
  /** Rows among those read that would not be kept, with the reason. */
  problems: z.array(
    z.object({
      /** From 0, as in `rows`; and the line of the file (of Parquet the row) that it begins on. */
      row: z.number(),
      line: z.number(),
      column: z.string().nullable(),
      message: z.string(),
      /** It cannot be read, and stops the import unless such rows are left out. */
      malformed: z.boolean(),
    }),
  ),
});

const c = oc.errors({ ETALON: { data: errorData } });

export const contract = {
  app: {
    info: c.output(
      z.object({
        version: z.string(),
        shell: z.enum(['electron', 'serve']),
        platform: z.string(),
        cpuThreads: z.number(),
        memoryBytes: z.number(),
        diskFreeBytes: z.number(),
        homeDir: z.string(),
        recent: z.array(
          z.object({ path: z.string(), name: z.string(), openedAt: z.string(), exists: z.boolean() }),
        ),
        /** The project the shell was started with, already open. */
        open: z.string().nullable(),
      }),
    ),
    devices: c.output(z.array(deviceInfo)),
    /** Opens the system's own file dialog where the shell has one; `supported: false` where it has none. */
    pickFile: c
      .input(
        z.object({
          purpose: filePurpose,
          suggested: z.string().optional(),
        }),
      )
      .output(z.object({ supported: z.boolean(), path: z.string().nullable() })),
    /** A folder of this machine, for the window's own file browser. */
    listFolder: c.input(z.object({ path: z.string() })).output(
      z.object({
        path: z.string(),
        parent: z.string().nullable(),
        entries: z.array(
          z.object({
            name: z.string(),
            path: z.string(),
            folder: z.boolean(),
            sizeBytes: z.number(),
            modifiedAt: z.string(),
          }),
        ),
      }),
    ),
  },
  project: {
    create: c.input(z.object({ path: z.string() })).output(projectInfo),
    open: c.input(z.object({ path: z.string() })).output(projectInfo),
    /** Generates the sample city, or the sample data of a recommender by its id, into a new project file: a job. */
    createSample: c
      .input(z.object({ path: z.string(), of: z.string().default('city') }))
      .output(z.object({ jobId: z.string() })),
    close: c.output(z.object({ closed: z.boolean() })),
    /** Null while no project is open. */
    info: c.output(projectInfo.nullable()),
    removeSource: c.input(z.object({ id: z.number() })).output(projectInfo),
  },
  roads: {
    /** `nodesPath`: OSMnx's nodes. `origin`: where to put the middle of a SUMO network without a projection. */
    import: c
      .input(
        z.object({
          path: z.string(),
          nodesPath: z.string().optional(),
          origin: point.optional(),
          skipMalformed,
        }),
      )
      .output(z.object({ jobId: z.string() })),
    /** Vector tile (MVT) of segments, layer `segments`, feature id = segment index, property `c` = road class index, `n` = name, `o` = 1 where there is no opposite direction, `l` = 0 on one of two opposite segments (the other carries the label); layers `water`, `parks` where known. Empty Blob = no data. */
    tile: c
      .input(z.object({ z: z.number().int(), x: z.number().int(), y: z.number().int() }))
      .output(z.instanceof(Blob)),
    segment: c.input(z.object({ segment: z.number().int() })).output(segmentInfo),
    /** The segment nearest to a point, for clicks and the keyboard. */
    nearest: c.input(z.object({ point, maxM: z.number().default(200) })).output(segmentInfo.nullable()),
    /** Names of roads that contain the text, with a point on each. */
    search: c
      .input(z.object({ text: z.string(), limit: z.number().int().max(50).default(10) }))
      .output(z.array(z.object({ name: z.string(), point, lengthM: z.number() }))),
    /** One segment over a day: what was driven, what is predicted at each quarter of an hour, what is usual for such days. */
    segmentDay: c
      .input(z.object({ segment: z.number().int(), runId: z.number().nullable(), day: localDate }))
      .output(segmentDay),
    /** One segment over the week by hours, as driven and as predicted. */
    segmentWeek: c
      .input(z.object({ segment: z.number().int(), runId: z.number().nullable() }))
      .output(segmentWeek),
  },
  trips: {
    preview: c
      .input(
        z.object({
          path: z.string(),
          mapping: tripMapping.partial().optional(),
          timeZone: z.string().optional(),
        }),
      )
      .output(
        filePreview.extend({
          suggested: tripMapping.partial(),
          /** Of the rows read: seconds and km/h, to expose unit mistakes. */
          durationsS: z.array(z.number()),
          speedsKmh: z.array(z.number()),
        }),
      ),
    import: c
      .input(z.object({ path: z.string(), mapping: tripMapping, timeZone: z.string(), skipMalformed }))
      .output(z.object({ jobId: z.string() })),
    /** Trips by local day and by hour of the day, for the data page. */
    summary: c.output(
      z.object({
        byDay: z.array(z.object({ day: z.string(), trips: z.number() })),
        byHour: z.array(z.number()),
        medianS: z.number(),
        medianKm: z.number(),
      }),
    ),
  },
  gps: {
    preview: c
      .input(
        z.object({
          path: z.string(),
          mapping: gpsMapping.partial().optional(),
          timeZone: z.string().optional(),
        }),
      )
      .output(
        filePreview.extend({
          /** For a person: "CSV, gzip". */
          format: z.string(),
          suggested: gpsMapping.partial(),
          /** How the first traces would be matched; null while fields are missing, or without roads. */
          sample: z
            .object({
              quality: matchQuality,
              sigmaM: z.number(),
              betaM: z.number(),
              /** Median seconds between points. */
              intervalS: z.number().nullable(),
              traces: z.array(matchQuality.extend({ id: z.string(), trips: z.number() })),
              durationsS: z.array(z.number()),
              speedsKmh: z.array(z.number()),
            })
            .nullable(),
        }),
      ),
    /** Matches the points to the roads and adds the trips that come of them. */
    import: c
      .input(
        z.object({
          path: z.string(),
          mapping: gpsMapping,
          timeZone: z.string(),
          settings: gpsSettings.optional(),
          skipMalformed,
        }),
      )
      .output(z.object({ jobId: z.string() })),
  },
  /** Speeds of segments by interval, from probes or detectors. */
  observations: {
    preview: c
      .input(
        z.object({
          path: z.string(),
          mapping: observationMapping.partial().optional(),
          timeZone: z.string().optional(),
        }),
      )
      .output(
        filePreview.extend({
          suggested: observationMapping.partial(),
          /** What the unit rests on: the column's name, the limits of the roads, the size of the values. */
          unitFrom: z.enum(['name', 'limits', 'values', 'given']),
          /** Of the rows read, as the unit has it, and the median limit of their roads, to expose unit mistakes. */
          speedsKmh: z.array(z.number()),
          medianLimitKmh: z.number().nullable(),
          /** How the sensors lie on the roads; null where there are none. */
          sensors: z
            .object({
              sensors: z.number(),
              matched: z.number(),
              leftOut: z.array(z.string()),
              unknownColumns: z.array(z.string()),
              medianM: z.number(),
              farthestM: z.number(),
              sharing: z.number(),
            })
            .nullable(),
        }),
      ),
    /** Without roads, detectors make a network of their own: a segment for each sensor. */
    import: c
      .input(z.object({ path: z.string(), mapping: observationMapping, timeZone: z.string(), skipMalformed }))
      .output(z.object({ jobId: z.string() })),
    /** Counts and mean speeds by local day and hour of the day, and how much of the network is observed. */
    summary: c.output(
      z.object({
        byDay: z.array(
          z.object({ day: z.string(), observations: z.number(), meanKmh: z.number().nullable() }),
        ),
        byHour: z.array(z.object({ observations: z.number(), meanKmh: z.number().nullable() })),
        segments: z.object({
          observed: z.number(),
          all: z.number(),
          /** Kilometres of the network, and of what was observed of it. */
          observedKm: z.number(),
          allKm: z.number(),
          /** Observations of an observed segment in the median. */
          median: z.number(),
        }),
      }),
    ),
    /** What was observed on a segment, in order of time; `until` is exclusive. */
    ofSegment: c
      .input(
        z.object({
          segment: z.number().int().nonnegative(),
          from: localDate.optional(),
          until: localDate.optional(),
        }),
      )
      .output(
        z.object({
          /** Starts of the intervals on the wall clock, seconds since the local 1970-01-01T00:00. */
          localStartS: z.array(z.number()),
          durationS: z.array(z.number()),
          speedKmh: z.array(z.number()),
          vehicles: z.array(z.number().nullable()),
        }),
      ),
  },
  jobs: {
    list: c.output(z.array(jobState)),
    /** The state now and after every change, until it is no longer running. */
    watch: c.input(z.object({ id: z.string() })).output(eventIterator(jobState)),
    /** Every job's states, without end: what the status bar listens to. */
    watchAll: c.output(eventIterator(jobState)),
    cancel: c.input(z.object({ id: z.string() })).output(z.object({ cancelled: z.boolean() })),
  },
  runs: {
    settings: c.input(z.object({ model: modelId })).output(z.array(settingInfo)),
    train: c.input(trainConfig).output(z.object({ jobId: z.string(), runId: z.number() })),
    /** Goes on from the run's last checkpoint. */
    resume: c.input(z.object({ runId: z.number() })).output(z.object({ jobId: z.string() })),
    /** Ends training at once and keeps the best weights so far; the run counts as finished. */
    stop: c.input(z.object({ runId: z.number() })).output(z.object({ stopped: z.boolean() })),
    list: c.output(z.array(runInfo)),
    metrics: c.input(z.object({ runId: z.number() })).output(z.array(metricPoint)),
    /** Points as they come, from the first, until the run ends. */
    watchMetrics: c.input(z.object({ runId: z.number() })).output(eventIterator(z.array(metricPoint))),
    rename: c.input(z.object({ runId: z.number(), name: z.string().min(1) })).output(runInfo),
    remove: c.input(z.object({ runId: z.number() })).output(z.object({ removed: z.boolean() })),
    evaluate: c
      .input(
        z.object({
          runId: z.number(),
          from: localDate.optional(),
          until: localDate.optional(),
          /** All, those that take seconds (the default), or those named. */
          baselines: z.union([z.enum(['all', 'fast']), z.array(z.string())]).optional(),
        }),
      )
      .output(z.object({ jobId: z.string() })),
    export: c
      .input(z.object({ runId: z.number(), path: z.string() }))
      .output(z.object({ jobId: z.string() })),
    /** Two evaluated runs, trip by trip, or a run and a baseline by its name. Throws `conflict` where one was not evaluated. */
    compare: c.input(z.object({ a: z.number(), b: z.union([z.number(), z.string()]) })).output(runComparison),
    /** Trains the run's settings on expanding windows and judges each on the days after it: a job; `rollingResult` is its result. */
    rolling: c
      .input(
        z.object({
          runId: z.number(),
          windows: z.number().int().min(2).max(20).default(4),
          baselines: z.union([z.enum(['all', 'fast']), z.array(z.string())]).optional(),
        }),
      )
      .output(z.object({ jobId: z.string() })),
  },
  predict: {
    /** Predicted speed ÷ free-flow speed of every segment at a time; `runId` null = the historical profile. */
    speeds: c.input(z.object({ runId: z.number().nullable(), at: localDateTime })).output(
      z.object({
        values: segmentValues,
        meanRatio: z.number(),
        /** Kilometres with a ratio of at least 0.90, 0.75, 0.60, 0.45, 0.30, and below: the map's legend. */
        classKm: z.array(z.number()).length(6).optional(),
      }),
    ),
    /** Mean ratio over the network's driven kilometres at each step of a day, predicted and observed. */
    day: c
      .input(
        z.object({
          runId: z.number().nullable(),
          day: localDate,
          stepMinutes: z.number().int().min(5).max(60).default(15),
        }),
      )
      .output(
        z.array(z.object({ minute: z.number(), predicted: z.number(), observed: z.number().nullable() })),
      ),
    route: c
      .input(
        z
          .object({
            runId: z.number(),
            from: point,
            to: point,
            depart: localDateTime.optional(),
            /** Instead of `depart`: to be there by then. */
            arrive: localDateTime.optional(),
          })
          .refine(({ depart, arrive }) => (depart === undefined) !== (arrive === undefined), {
            message: 'Give either a departure or an arrival.',
          }),
      )
      .output(routeAnswer),
    /** Why a route takes as long as is predicted. */
    explain: c.input(explanationQuestion).output(answeredWithProgress(routeExplanation)),
    /** Values of a map layer for every segment. `predicted`: at `horizonMinutes` after `at`, with what is known at `at`. */
    layer: c
      .input(
        z.object({
          /** Null = the historical profile. */
          runId: z.number().nullable(),
          layer: z.enum(['predicted', 'live', 'historical', 'error', 'uncertainty', 'observations']),
          at: localDateTime,
          horizonMinutes: z.number().int().min(0).max(180).default(0),
        }),
      )
      .output(mapLayer),
    /** How far the layer is that is being computed, null while none is: now and after every change, without end. */
    watchLayer: c.output(eventIterator(progress.nullable())),
    /** What is reached from a point in each of several times; `runId` null = the historical profile, as below. */
    isochrone: c
      .input(
        z.object({
          runId: z.number().nullable(),
          from: point,
          depart: localDateTime,
          minutes: z.array(z.number().positive().max(MAX_ISOCHRONE_MINUTES)).min(1).max(8),
          lines: z.boolean().default(false),
        }),
      )
      .output(isochroneAnswer),
    matrix: c
      .input(
        z.object({
          runId: z.number().nullable(),
          from: z.array(point).min(1).max(1000),
          to: z.array(point).min(1).max(1000),
          depart: localDateTime,
        }),
      )
      .output(travelMatrixAnswer),
    /** Predicts every trip of a CSV file into another: a job, whose result is a `batchReport`. */
    batch: c
      .input(z.object({ runId: z.number().nullable(), path: z.string(), out: z.string() }))
      .output(z.object({ jobId: z.string() })),
  },
  /** Weekly speeds of other tools, in and out. */
  speeds: {
    /** Valhalla's historical speeds, by the way_edges.txt of the same tiles. */
    import: c
      .input(z.object({ path: z.string(), waysPath: z.string(), skipMalformed }))
      .output(z.object({ jobId: z.string() })),
    export: c.input(speedExport).output(z.object({ jobId: z.string() })),
  },
  simulator: {
    /** Seconds that a simulation of the project's roads is expected to take on one core. */
    expect: c
      .input(simulation.pick({ days: true, demand: true, calibrate: true }))
      .output(z.object({ seconds: z.number() })),
    /** Simulates traffic and adds the probes' trips as a source: a job. */
    start: c.input(simulation).output(z.object({ jobId: z.string() })),
  },
  /** Supersegments of the project's traffic, or those that a run knows. */
  supersegments: {
    catalogue: c.input(supersegmentQuestion).output(answeredWithProgress(supersegmentCatalogue)),
    /** How many supersegments hold each segment, as a layer of the map. */
    coverage: c.input(supersegmentQuestion).output(mapLayer),
    one: c.input(supersegmentQuestion.extend({ id: z.number().int().min(0) })).output(supersegmentDetail),
    lines: c.input(supersegmentQuestion).output(z.array(z.array(point))),
  },
  interactions: {
    /** Reads the first rows of each file. `timeZone`: of times without an offset. */
    preview: c
      .input(z.object({ files: interactionFiles, timeZone: z.string().default('UTC') }))
      .output(z.array(interactionPreview)),
    /** Users or items to choose from. */
    nodes: c.input(nodeQuestion).output(nodeList),
    /** What a recommender that learns from these edges would learn from, and be judged by. */
    summary: c
      .input(recommenderChoice.extend({ data: z.string(), edges: z.string() }))
      .output(answeredWithProgress(interactionSummary)),
    /** Imports files as one data set of that name: a job. */
    import: c
      .input(
        z.object({
          files: interactionFiles,
          name: z.string().trim().min(1),
          timeZone: z.string().default('UTC'),
          skipMalformed,
        }),
      )
      .output(z.object({ jobId: z.string() })),
  },
  recommenders: {
    /** Those that this Etalon has. */
    list: c.output(z.array(recommenderInfo)),
    /** Judges a run on what its training held out, beside baselines: a job, whose result is a `rankingEvaluation`. */
    evaluate: c.input(z.object({ runId: z.number() })).output(z.object({ jobId: z.string() })),
    /** Throws `usage` for a field that the system does not take. The run stays loaded for the next question. */
    ask: c
      .input(z.object({ runId: z.number(), question: recommendQuestion }))
      .output(answeredWithProgress(z.array(userRecommendations))),
    /** What made the score of an item of the answer for the question's only user. */
    explain: c
      .input(z.object({ runId: z.number(), question: recommendQuestion, item: z.string() }))
      .output(answeredWithProgress(recommendationReasons)),
    /** How an item gets to where it was asked from; null where the project has no roads there. Throws `not-found` where no way leads there. */
    way: c.input(z.object({ from: point, to: point, at: localDateTime })).output(deliveryWay.nullable()),
    /** The states of users and items in the plane, by UMAP. */
    embeddingMap: c.input(z.object({ runId: z.number() })).output(answeredWithProgress(embeddingMap)),
    /** Lists for everyone into `name.csv` or `name.parquet`: a job. */
    askAll: c
      .input(
        z.object({
          runId: z.number(),
          path: z.string(),
          count: z.number().int().min(1).max(1000).default(10),
        }),
      )
      .output(z.object({ jobId: z.string() })),
    /** States of users and items into `name.csv` or `name.parquet`: a job. */
    exportEmbeddings: c
      .input(z.object({ runId: z.number(), path: z.string() }))
      .output(z.object({ jobId: z.string() })),
  },
  scenarios: {
    list: c.output(z.array(scenarioInfo)),
    /** Without `id` a new one. */
    save: c
      .input(z.object({ id: z.number().optional(), name: z.string().trim().min(1), edits: scenarioEdits }))
      .output(scenarioInfo),
    rename: c.input(z.object({ id: z.number(), name: z.string().trim().min(1) })).output(scenarioInfo),
    remove: c.input(z.object({ id: z.number() })).output(z.object({ removed: z.boolean() })),
    /** Speeds with and without the edits; `runId` null = the historical profile. */
    speeds: c
      .input(z.object({ runId: z.number().nullable(), edits: scenarioEdits, at: localDateTime }))
      .output(scenarioSpeeds),
    /** Null where no way leads there; the difference is of the median travel times. */
    route: c
      .input(
        z.object({ runId: z.number(), edits: scenarioEdits, from: point, to: point, depart: localDateTime }),
      )
      .output(
        z.object({
          base: routeAnswer.nullable(),
          scenario: routeAnswer.nullable(),
          differenceS: differenceRange.nullable(),
          notices: z.array(scenarioNotice),
        }),
      ),
    /** What changes in whole hours from the one of `at` on, by the trips of days of that type. */
    summary: c
      .input(
        z.object({
          edits: scenarioEdits,
          at: localDateTime,
          hours: z.number().int().min(1).max(24).default(1),
        }),
      )
      .output(scenarioSummary),
  },
};

export type Contract = typeof contract;
export type * from './interactions.ts';
export type { ApiProgress, CallProgress } from './progress.ts';
export type * from './recommenders.ts';
export type * from './scenarios.ts';
export type * from './supersegments.ts';
export type { FilePurpose } from './values.ts';
export type ApiProjectInfo = z.infer<typeof projectInfo>;
export type ApiRunInfo = z.infer<typeof runInfo>;
export type ApiJobState = z.infer<typeof jobState>;
export type ApiImportReport = z.infer<typeof importReport>;
export type ApiObservationMapping = z.infer<typeof observationMapping>;
export type ApiTripMapping = z.infer<typeof tripMapping>;
export type ApiGpsMapping = z.infer<typeof gpsMapping>;
export type ApiGpsSettings = z.infer<typeof gpsSettings>;
export type ApiMatchQuality = z.infer<typeof matchQuality>;
export type ApiSimulation = z.infer<typeof simulation>;
export type ApiTrainConfig = z.infer<typeof trainConfig>;
export type ApiSettingInfo = z.infer<typeof settingInfo>;
export type ApiSegmentInfo = z.infer<typeof segmentInfo>;
export type ApiRouteAnswer = z.infer<typeof routeAnswer>;
export type ApiIsochrone = z.infer<typeof isochroneAnswer>;
export type ApiTravelMatrix = z.infer<typeof travelMatrixAnswer>;
export type ApiBatchReport = z.infer<typeof batchReport>;
export type ApiMetricPoint = z.infer<typeof metricPoint>;
export type ApiSpeedExport = z.infer<typeof speedExport>;
export type ApiDeviceInfo = z.infer<typeof deviceInfo>;
export type ApiSegmentDay = z.infer<typeof segmentDay>;
export type ApiSegmentWeek = z.infer<typeof segmentWeek>;
export type ApiMapLayer = z.infer<typeof mapLayer>;
export {
  type EtaEvaluation,
  type EtaMetrics,
  etaEvaluation,
  etaMetrics,
  type RollingResult,
  type RunComparison,
  type RunComparison as ApiRunComparison,
  rollingResult,
  runComparison,
  type SliceBy,
} from './evaluation.ts';
export {
  type ApiExplanation,
  type ExplanationQuestion,
  INPUT_GROUPS,
  type InputGroup,
  type RouteContributions,
  type SimilarTrips,
} from './explanation.ts';
export {
  type SpeedBlock,
  type SpeedEvaluation,
  type SpeedMetrics,
  type StoredSpeedEvaluation,
  speedEvaluation,
  storedSpeedEvaluation,
} from './speedEvaluation.ts';
