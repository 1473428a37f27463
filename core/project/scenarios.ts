import { EtalonError } from '../base/index.ts';
import type { Connection } from './database.ts';
import type { ScenarioRecord } from './types.ts';

interface ScenarioRow {
  id: number;
  name: string;
  edits: string;
  created_at: string;
  changed_at: string;
}

export type ScenarioChange = { id?: number; name?: string; edits?: unknown };

/** Saved scenarios. Every method that writes belongs into a transaction. */
export class ScenarioTable {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  all(): ScenarioRecord[] {
    return this.#db.prepare<[], ScenarioRow>('SELECT * FROM scenario ORDER BY id').all().map(recordOf);
  }

  /** Without `id` a new one. Throws `not-found`. */
  save({ id, name, edits }: ScenarioChange): ScenarioRecord {
    const now = new Date().toISOString();
    if (id === undefined) {
      const { lastInsertRowid } = this.#db
        .prepare('INSERT INTO scenario (name, edits, created_at, changed_at) VALUES (?, ?, ?, ?)')
        .run(name ?? 'Scenario', JSON.stringify(edits ?? []), now, now);
      return recordOf(this.#row(Number(lastInsertRowid)));
    }
    const row = this.#row(id);
    this.#db
      .prepare('UPDATE scenario SET name = ?, edits = ?, changed_at = ? WHERE id = ?')
      .run(name ?? row.name, edits === undefined ? row.edits : JSON.stringify(edits), now, id);
    return recordOf(this.#row(id));
  }

  /** Throws `not-found`. */
  delete(id: number): void {
    this.#row(id);
    this.#db.prepare('DELETE FROM scenario WHERE id = ?').run(id);
  }

  #row(id: number): ScenarioRow {
    const row = this.#db.prepare<[number], ScenarioRow>('SELECT * FROM scenario WHERE id = ?').get(id);
    if (row) return row;
    throw new EtalonError('not-found', `The project has no scenario ${id}.`, {
      remedy: 'List the scenarios to see their numbers.',
    });
  }
}

function recordOf(row: ScenarioRow): ScenarioRecord {
  const { id, name, edits, created_at: createdAt, changed_at: changedAt } = row;
  return { id, name, edits: JSON.parse(edits) as unknown, createdAt, changedAt };
}
