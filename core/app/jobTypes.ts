import type { MessagePort } from 'node:worker_threads';
import type {
  ApiBatchReport,
  ApiGpsMapping,
  ApiObservationMapping,
  ApiSimulation,
  ApiSpeedExport,
  ApiTripMapping,
  EtaEvaluation,
  RollingResult,
  SpeedEvaluation,
} from '../api/contract.ts';
import type {
  RecommendQuestion,
  StoredRanking,
  UserRecommendations,
  WrittenRows,
} from '../api/recommenders.ts';
import type { EtalonErrorData, Progress } from '../base/index.ts';
import type { InteractionFile } from '../interactions/index.ts';
import type { SpeedExportReport } from '../roads/exchange/index.ts';
import type { MatchQuality, MatchSettings } from '../roads/matching/index.ts';
import type { ImportReport } from '../tables/importReport.ts';
import type { ForecastReport, ForecastRequest } from './forecast/forecast.ts';
import type { BaselineChoice, DeviceChoice, ExportReport } from './model.ts';
import type { SimulationReport } from './simulate.ts';

/** Of every import. */
interface Importing {
  path: string;
  /** Whether what cannot be read is left out; else it stops the import. */
  skipMalformed: boolean;
}

/** What a job is asked to do; crosses into its worker thread. */
export type JobRequest =
  /** `of`: what the data are for, see `Samples`. */
  | { kind: 'sample'; of: string }
  | ({ kind: 'import-roads'; nodesPath?: string; origin?: [number, number] } & Importing)
  | ({ kind: 'import-trips'; mapping: ApiTripMapping; timeZone: string } & Importing)
  | ({ kind: 'import-observations'; mapping: ApiObservationMapping; timeZone: string } & Importing)
  | {
      kind: 'import-interactions';
      files: InteractionFile[];
      name: string;
      timeZone: string;
      skipMalformed: boolean;
    }
  | { kind: 'train'; runId: number; device: DeviceChoice }
  | { kind: 'evaluate'; runId: number; from?: string; until?: string; baselines?: BaselineChoice }
  | { kind: 'export'; runId: number; path: string }
  | ({ kind: 'import-profiles'; waysPath: string } & Importing)
  | ({ kind: 'export-speeds' } & ApiSpeedExport)
  | ({
      kind: 'import-gps';
      mapping: ApiGpsMapping;
      timeZone: string;
      settings: Partial<MatchSettings>;
    } & Importing)
  | { kind: 'evaluate-ranking'; runId: number }
  | { kind: 'recommend'; runId: number; question: RecommendQuestion }
  | { kind: 'recommend-all'; runId: number; path: string; count: number }
  | { kind: 'export-embeddings'; runId: number; path: string }
  | { kind: 'predict-batch'; runId: number | null; path: string; out: string }
  | ({ kind: 'forecast' } & ForecastRequest)
  | { kind: 'rolling'; runId: number; windows: number; device: DeviceChoice; baselines?: BaselineChoice }
  | { kind: 'simulate'; settings: ApiSimulation };

export type JobKind = JobRequest['kind'];

/** What each job hands back when it is done. */
export interface JobResults {
  sample: null;
  'import-roads': ImportReport;
  'import-trips': ImportReport;
  'import-observations': ImportReport;
  'import-interactions': ImportReport;
  train: null;
  evaluate: EtaEvaluation | SpeedEvaluation;
  export: ExportReport;
  'import-profiles': ImportReport;
  'export-speeds': SpeedExportReport;
  'import-gps': GpsImportResult;
  'evaluate-ranking': StoredRanking;
  recommend: UserRecommendations[];
  'recommend-all': WrittenRows;
  'export-embeddings': WrittenRows;
  'predict-batch': ApiBatchReport;
  forecast: ForecastReport;
  rolling: RollingResult;
  simulate: SimulationReport;
}

/** `settings`: what the points were matched with, estimates included. */
export interface GpsImportResult {
  report: ImportReport;
  quality: MatchQuality;
  settings: MatchSettings;
}

/** To the job's worker. */
export type JobCommand = 'cancel' | 'stop';

/** From the job's worker; `done` and `failed` are the last of it. */
export type JobMessage =
  | { type: 'progress'; progress: Progress }
  | { type: 'done'; result: unknown }
  | { type: 'failed'; error: EtalonErrorData };

/** What a worker thread is started with. The reader gets the port that it serves. */
export type WorkerRequest =
  | { role: 'job'; projectPath: string; job: JobRequest }
  | { role: 'reader'; projectPath: string; port: MessagePort };
