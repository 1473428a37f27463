import type { MessagePort } from 'node:worker_threads';
import type { ApiObservationMapping, ApiTripMapping, EtaEvaluation } from '../api/contract.ts';
import type { EtalonErrorData, Progress } from '../base/index.ts';
import type { ImportReport } from '../roads/network.ts';
import type { DeviceChoice, ExportReport } from './model.ts';

/** What a job is asked to do; crosses into its worker thread. */
export type JobRequest =
  | { kind: 'sample' }
  | { kind: 'import-roads'; path: string; nodesPath?: string }
  | { kind: 'import-trips'; path: string; mapping: ApiTripMapping; timeZone: string }
  | { kind: 'import-observations'; path: string; mapping: ApiObservationMapping; timeZone: string }
  | { kind: 'train'; runId: number; device: DeviceChoice }
  | { kind: 'evaluate'; runId: number; from?: string; until?: string }
  | { kind: 'export'; runId: number; path: string };

export type JobKind = JobRequest['kind'];

/** What each job hands back when it is done. */
export interface JobResults {
  sample: null;
  'import-roads': ImportReport;
  'import-trips': ImportReport;
  'import-observations': ImportReport;
  train: null;
  evaluate: EtaEvaluation;
  export: ExportReport;
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
