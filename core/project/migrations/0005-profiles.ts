import type { Migration } from './index.ts';

/**
 * Sources may be of further kinds. Which ones there are is for the code to say: a list in a CHECK would need the table
 * to be made anew for each. https://sqlite.org/lang_altertable.html#otheralter
 */
export const profiles: Migration = {
  version: 5,
  sql: `
    CREATE TABLE source_of_any_kind (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      kind TEXT NOT NULL,
      path TEXT NOT NULL,
      imported_at TEXT NOT NULL,
      report TEXT NOT NULL
    ) STRICT;
    INSERT INTO source_of_any_kind SELECT id, kind, path, imported_at, report FROM source;
    -- Identifiers of sources that were removed are not given again either.
    DELETE FROM sqlite_sequence WHERE name = 'source_of_any_kind';
    INSERT INTO sqlite_sequence (name, seq) SELECT 'source_of_any_kind', seq FROM sqlite_sequence WHERE name = 'source';
    DROP TABLE source;
    ALTER TABLE source_of_any_kind RENAME TO source;
  `,
};
