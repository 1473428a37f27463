import { initial } from './0001-initial.ts';
import { evaluationTrips } from './0003-evaluation-trips.ts';
import { scenarios } from './0004-scenarios.ts';
import { profiles } from './0005-profiles.ts';

/** One step from the version before it. A migration that was released is never changed: add another. */
export interface Migration {
  version: number;
  sql: string;
}

/** In order of their versions. */
export const migrations: readonly Migration[] = [initial, evaluationTrips, scenarios, profiles];

export const SCHEMA_VERSION = migrations.at(-1)!.version;
