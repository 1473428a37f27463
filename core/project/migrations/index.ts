import { initial } from './0001-initial.ts';
import { scenarios } from './0004-scenarios.ts';

/** One step from the version before it. A migration that was released is never changed: add another. */
export interface Migration {
  version: number;
  sql: string;
}

/** In order of their versions. */
export const migrations: readonly Migration[] = [initial, scenarios];

export const SCHEMA_VERSION = migrations[migrations.length - 1].version;
