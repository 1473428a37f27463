import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';

/** A hash of every row of every table of a project file. */
export function projectDump(path: string): Record<string, string> {
  const db = new Database(path, { readonly: true });
  try {
    const tables = db
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .pluck()
      .all();
    return Object.fromEntries(
      tables.map((table) => {
        const hash = createHash('sha256');
        for (const row of db.prepare(`SELECT * FROM "${table}"`).raw().iterate() as Iterable<unknown[]>)
          for (const value of row)
            hash.update(Buffer.isBuffer(value) ? value : `${typeof value}:${String(value)};`);
        return [table, hash.digest('hex')];
      }),
    );
  } finally {
    db.close();
  }
}
