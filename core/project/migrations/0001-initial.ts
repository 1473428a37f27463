import type { Migration } from './index.ts';

/**
 * Counts and bounds stand in rows of their own, so that describing a project reads no array. Identifiers are never
 * reused (AUTOINCREMENT): a reader's cache is right as long as the identifiers it was filled from are there.
 */
export const initial: Migration = {
  version: 1,
  sql: `
    CREATE TABLE project (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      created_at TEXT NOT NULL,
      time_zone TEXT
    ) STRICT;
    INSERT INTO project (id, created_at) VALUES (1, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));

    CREATE TABLE source (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      kind TEXT NOT NULL CHECK (kind IN ('roads', 'trips')),
      path TEXT NOT NULL,
      imported_at TEXT NOT NULL,
      report TEXT NOT NULL
    ) STRICT;

    CREATE TABLE road_network (
      source_id INTEGER PRIMARY KEY REFERENCES source ON DELETE CASCADE,
      segments INTEGER NOT NULL,
      junctions INTEGER NOT NULL,
      turns INTEGER NOT NULL,
      west REAL NOT NULL,
      south REAL NOT NULL,
      east REAL NOT NULL,
      north REAL NOT NULL
    ) STRICT;

    CREATE VIRTUAL TABLE segment_bounds USING rtree (id, west, east, south, north);

    CREATE TRIGGER road_network_deleted AFTER DELETE ON road_network BEGIN
      DELETE FROM segment_bounds;
    END;

    CREATE TABLE trip_set (
      source_id INTEGER PRIMARY KEY REFERENCES source ON DELETE CASCADE,
      trips INTEGER NOT NULL,
      traversals INTEGER NOT NULL,
      -- Local days since 1970-01-01 of the first and last departure; null without trips.
      first_day INTEGER,
      last_day INTEGER,
      segment_times INTEGER NOT NULL CHECK (segment_times IN (0, 1))
    ) STRICT;

    CREATE TABLE run (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL,
      model TEXT NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('running', 'interrupted', 'finished', 'failed')),
      created_at TEXT NOT NULL,
      finished_at TEXT,
      seconds REAL NOT NULL DEFAULT 0,
      config TEXT NOT NULL,
      error TEXT,
      device TEXT,
      -- The process that the run is running in, as JSON; null unless it is.
      owner TEXT
    ) STRICT;

    CREATE TABLE evaluation (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
      from_date TEXT,
      until_date TEXT,
      created_at TEXT NOT NULL,
      result TEXT NOT NULL
    ) STRICT;
    CREATE INDEX evaluation_of_run ON evaluation (run_id);

    CREATE TABLE metric (
      id INTEGER PRIMARY KEY,
      run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
      epoch REAL NOT NULL,
      name TEXT NOT NULL,
      -- Null stands for NaN, which SQLite cannot hold.
      value REAL,
      UNIQUE (run_id, epoch, name)
    ) STRICT;

    CREATE TABLE checkpoint (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
      kind TEXT NOT NULL CHECK (kind IN ('latest', 'best')),
      epoch REAL NOT NULL,
      json TEXT NOT NULL,
      UNIQUE (run_id, kind)
    ) STRICT;

    CREATE TABLE array (
      id INTEGER PRIMARY KEY,
      source_id INTEGER REFERENCES source ON DELETE CASCADE,
      checkpoint_id INTEGER REFERENCES checkpoint ON DELETE CASCADE,
      name TEXT NOT NULL,
      type TEXT NOT NULL,
      length INTEGER NOT NULL,
      CHECK ((source_id IS NULL) <> (checkpoint_id IS NULL))
    ) STRICT;
    CREATE UNIQUE INDEX array_of_source ON array (source_id, name) WHERE source_id IS NOT NULL;
    CREATE UNIQUE INDEX array_of_checkpoint ON array (checkpoint_id, name) WHERE checkpoint_id IS NOT NULL;

    CREATE TABLE array_chunk (
      array_id INTEGER NOT NULL REFERENCES array ON DELETE CASCADE,
      position INTEGER NOT NULL,
      bytes BLOB NOT NULL,
      UNIQUE (array_id, position)
    ) STRICT;
  `,
};
