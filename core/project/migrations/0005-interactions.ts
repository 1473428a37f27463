import type { Migration } from './index.ts';

/** Data sets of interactions by name; what they hold is counted in rows of its own, so that describing them reads no array. */
export const interactions: Migration = {
  version: 5,
  sql: `
    CREATE TABLE interaction_set (
      source_id INTEGER PRIMARY KEY REFERENCES source ON DELETE CASCADE,
      name TEXT NOT NULL UNIQUE
    ) STRICT;

    CREATE TABLE interaction_type (
      source_id INTEGER NOT NULL REFERENCES interaction_set ON DELETE CASCADE,
      -- In the order of the data: nodes first.
      position INTEGER NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN ('nodes', 'edges')),
      name TEXT NOT NULL,
      -- Types of the nodes at both ends; null for nodes.
      from_type TEXT,
      to_type TEXT,
      rows INTEGER NOT NULL,
      -- Of edges with times, in seconds since 1970-01-01T00:00Z; else null.
      first_s REAL,
      last_s REAL,
      PRIMARY KEY (source_id, position)
    ) STRICT, WITHOUT ROWID;
  `,
};
