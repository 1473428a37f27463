import type { Migration } from './index.ts';

/** What each evaluated trip was predicted and observed to take, as compressed columns: runs are compared trip by trip. */
export const evaluationTrips: Migration = {
  version: 3,
  sql: `
    CREATE TABLE evaluation_column (
      evaluation_id INTEGER NOT NULL REFERENCES evaluation ON DELETE CASCADE,
      name TEXT NOT NULL,
      length INTEGER NOT NULL,
      -- Of the chunk within the column.
      position INTEGER NOT NULL,
      bytes BLOB NOT NULL,
      UNIQUE (evaluation_id, name, position)
    ) STRICT;
  `,
};
