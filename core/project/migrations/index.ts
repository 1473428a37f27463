import { initial } from './0001-initial.ts';
import { observations } from './0002-observations.ts';
import { evaluationTrips } from './0003-evaluation-trips.ts';
import { scenarios } from './0004-scenarios.ts';
import { interactions } from './0005-interactions.ts';

/** One step from the version before it. A migration that was released is never changed: add another. */
export interface Migration {
  version: number;
  sql: string;
}

/** In order; the n-th has version n. */
export const migrations: readonly Migration[] = [
  initial,
  observations,
  evaluationTrips,
  scenarios,
  interactions,
];

export const SCHEMA_VERSION = migrations.at(-1)!.version;
