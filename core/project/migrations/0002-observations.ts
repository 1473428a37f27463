import type { Migration } from './index.ts';

/**
 * Traffic observations, and trips in chunks. The arrays of a source are those of one of its chunks, numbered from 0; a source
 * that was written before has all of its trips in chunk 0. Which kinds of sources there are is for the code to say: SQLite
 * cannot widen a CHECK, so `source` is made anew without one, with the same identifiers and the same next one.
 * https://sqlite.org/lang_altertable.html#otheralter
 */
export const observations: Migration = {
  version: 2,
  sql: `
    CREATE TABLE source_anew (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      kind TEXT NOT NULL,
      path TEXT NOT NULL,
      imported_at TEXT NOT NULL,
      report TEXT NOT NULL
    ) STRICT;
    INSERT INTO source_anew SELECT id, kind, path, imported_at, report FROM source;
    DELETE FROM sqlite_sequence WHERE name = 'source_anew';
    INSERT INTO sqlite_sequence (name, seq) SELECT 'source_anew', seq FROM sqlite_sequence WHERE name = 'source';
    DROP TABLE source;
    ALTER TABLE source_anew RENAME TO source;

    ALTER TABLE array ADD COLUMN chunk INTEGER NOT NULL DEFAULT 0;
    DROP INDEX array_of_source;
    CREATE UNIQUE INDEX array_of_source ON array (source_id, chunk, name) WHERE source_id IS NOT NULL;

    CREATE TABLE trip_chunk (
      source_id INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
      chunk INTEGER NOT NULL,
      trips INTEGER NOT NULL,
      PRIMARY KEY (source_id, chunk)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO trip_chunk SELECT source_id, 0, trips FROM trip_set;

    CREATE TABLE observation_set (
      source_id INTEGER PRIMARY KEY REFERENCES source ON DELETE CASCADE,
      observations INTEGER NOT NULL,
      -- Local days since 1970-01-01 of the first and last interval.
      first_day INTEGER NOT NULL,
      last_day INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE observation_chunk (
      source_id INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
      chunk INTEGER NOT NULL,
      observations INTEGER NOT NULL,
      -- Starts of the first and last interval, in seconds since the local 1970-01-01T00:00.
      first_local_s REAL NOT NULL,
      last_local_s REAL NOT NULL,
      PRIMARY KEY (source_id, chunk)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE observed_segment (
      source_id INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
      segment INTEGER NOT NULL,
      observations INTEGER NOT NULL,
      PRIMARY KEY (source_id, segment)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE observed_hour (
      source_id INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
      -- Local hours since 1970-01-01T00:00.
      hour INTEGER NOT NULL,
      observations INTEGER NOT NULL,
      speed_sum_kmh REAL NOT NULL,
      PRIMARY KEY (source_id, hour)
    ) STRICT, WITHOUT ROWID;
  `,
};
