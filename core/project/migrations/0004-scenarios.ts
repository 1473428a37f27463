import type { Migration } from './index.ts';

/** Scenarios outlive the roads: their edits name segments by reference. */
export const scenarios: Migration = {
  version: 4,
  sql: `
    CREATE TABLE scenario (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL,
      edits TEXT NOT NULL,
      created_at TEXT NOT NULL,
      changed_at TEXT NOT NULL
    ) STRICT;
  `,
};
