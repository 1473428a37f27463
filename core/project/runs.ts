import { EtalonError } from '../base/index.ts';
import { insertArrays, packArray, StoredArrays } from './arrays.ts';
import type { Connection } from './database.ts';
import { isAlive, type ProcessStamp, thisProcess } from './owner.ts';
import type {
  Checkpoint,
  CheckpointKind,
  EvaluationRecord,
  MetricPoint,
  RunRecord,
  RunStatus,
  StoredEvaluation,
} from './types.ts';

interface RunRow {
  id: number;
  name: string;
  model: string;
  status: RunStatus;
  created_at: string;
  finished_at: string | null;
  seconds: number;
  config: string;
  error: string | null;
  device: string | null;
  owner: string | null;
}

export type NewRun = { name?: string; model: string; config: unknown; device?: string };
export type RunChange = Partial<
  Pick<RunRecord, 'status' | 'finishedAt' | 'seconds' | 'error' | 'device' | 'name'>
>;

/** Runs with what they produced. Every method that writes is one transaction, or belongs into one. */
export class RunTable {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  /** Marks the runs as interrupted whose process is gone. */
  settleAbandoned(): void {
    const rows = this.#db.prepare<[], RunRow>("SELECT * FROM run WHERE status = 'running'").all();
    const settle = this.#db.prepare(
      "UPDATE run SET status = 'interrupted', owner = NULL WHERE id = ? AND owner IS ?",
    );
    for (const row of rows) if (actualStatus(row) === 'interrupted') settle.run(row.id, row.owner);
  }

  create({ name, model, config, device }: NewRun): RunRecord {
    const { lastInsertRowid } = this.#db
      .prepare(
        `INSERT INTO run (name, model, status, created_at, config, device, owner)
         VALUES (?, ?, 'running', ?, ?, ?, ?)`,
      )
      .run(
        name ?? this.#freeName(model),
        model,
        new Date().toISOString(),
        JSON.stringify(config ?? null),
        device ?? null,
        JSON.stringify(thisProcess()),
      );
    return this.get(Number(lastInsertRowid));
  }

  /** A run that is set running belongs to this process from then on. */
  update(id: number, change: RunChange): void {
    const columns: Record<string, string | number | null | undefined> = {
      name: change.name,
      status: change.status,
      owner: change.status && (change.status === 'running' ? JSON.stringify(thisProcess()) : null),
      finished_at: change.finishedAt,
      seconds: change.seconds,
      error: change.error && JSON.stringify(change.error),
      device: change.device,
    };
    const changed = Object.entries(columns).filter(([, value]) => value !== undefined);
    this.#row(id);
    if (changed.length === 0) return;
    this.#db
      .prepare(`UPDATE run SET ${changed.map(([column]) => `${column} = ?`).join(', ')} WHERE id = ?`)
      .run(...changed.map(([, value]) => value), id);
  }

  get(id: number): RunRecord {
    return this.#record(this.#row(id));
  }

  all(): RunRecord[] {
    const rows = this.#db.prepare<[], RunRow>('SELECT * FROM run ORDER BY id').all();
    return rows.map((row) => this.#record(row));
  }

  count(): number {
    return this.#db.prepare<[], { n: number }>('SELECT count(*) AS n FROM run').get()!.n;
  }

  delete(id: number): void {
    if (actualStatus(this.#row(id)) === 'running')
      throw new EtalonError('conflict', 'The run is still going on.', { remedy: 'Stop it first.' });
    this.#db.prepare('DELETE FROM run WHERE id = ?').run(id);
  }

  addMetrics(runId: number, points: readonly MetricPoint[]): void {
    this.#row(runId);
    // A run that resumes from a checkpoint goes through some epochs again.
    const insert = this.#db.prepare(
      `INSERT INTO metric (run_id, epoch, name, value) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET value = excluded.value`,
    );
    for (const { epoch, name, value } of points)
      insert.run(runId, epoch, name, Number.isNaN(value) ? null : value);
  }

  metrics(runId: number, sinceEpoch: number): MetricPoint[] {
    this.#row(runId);
    return this.#db
      .prepare<[number, number], { epoch: number; name: string; value: number | null }>(
        'SELECT epoch, name, value FROM metric WHERE run_id = ? AND epoch >= ? ORDER BY epoch, id',
      )
      .all(runId, sinceEpoch)
      .map((row) => ({ ...row, value: row.value ?? Number.NaN }));
  }

  /** An evaluation over the same dates takes the place of the one before. Its id. */
  addEvaluation(runId: number, evaluation: EvaluationRecord): number {
    this.#row(runId);
    const { from, until, createdAt, result } = evaluation;
    this.#db
      .prepare('DELETE FROM evaluation WHERE run_id = ? AND from_date IS ? AND until_date IS ?')
      .run(runId, from, until);
    const { lastInsertRowid } = this.#db
      .prepare(
        'INSERT INTO evaluation (run_id, from_date, until_date, created_at, result) VALUES (?, ?, ?, ?, ?)',
      )
      .run(runId, from, until, createdAt, JSON.stringify(result));
    return Number(lastInsertRowid);
  }

  saveCheckpoint(runId: number, kind: CheckpointKind, checkpoint: Checkpoint): void {
    const packed = Object.entries(checkpoint.arrays).map(([name, array]) => packArray(name, array));
    const json = JSON.stringify(checkpoint.json ?? null);
    this.#db
      .transaction(() => {
        this.#row(runId);
        this.#db.prepare('DELETE FROM checkpoint WHERE run_id = ? AND kind = ?').run(runId, kind);
        const { lastInsertRowid } = this.#db
          .prepare('INSERT INTO checkpoint (run_id, kind, epoch, json) VALUES (?, ?, ?, ?)')
          .run(runId, kind, checkpoint.epoch, json);
        insertArrays(this.#db, { checkpoint: Number(lastInsertRowid) }, packed);
      })
      .immediate();
  }

  loadCheckpoint(runId: number, kind: CheckpointKind): Checkpoint | null {
    this.#row(runId);
    const row = this.#db
      .prepare<[number, string], { id: number; epoch: number; json: string }>(
        'SELECT id, epoch, json FROM checkpoint WHERE run_id = ? AND kind = ?',
      )
      .get(runId, kind);
    if (!row) return null;
    const stored = new StoredArrays(this.#db, { checkpoint: row.id });
    const arrays: Record<string, Float32Array> = {};
    for (const name of stored.names) arrays[name] = stored.get(name, 'f32');
    return { epoch: row.epoch, json: JSON.parse(row.json), arrays };
  }

  #row(id: number): RunRow {
    const row = this.#db.prepare<[number], RunRow>('SELECT * FROM run WHERE id = ?').get(id);
    if (row) return row;
    throw new EtalonError('not-found', `The project has no run ${id}.`, {
      remedy: 'List the runs to see their numbers.',
    });
  }

  #record(row: RunRow): RunRecord {
    return {
      id: row.id,
      name: row.name,
      model: row.model,
      status: actualStatus(row),
      createdAt: row.created_at,
      finishedAt: row.finished_at,
      seconds: row.seconds,
      config: JSON.parse(row.config),
      evaluations: this.#evaluations(row.id),
      error: row.error === null ? null : JSON.parse(row.error),
      device: row.device,
    };
  }

  #evaluations(runId: number): StoredEvaluation[] {
    return this.#db
      .prepare<
        [number],
        { id: number; from: string | null; until: string | null; createdAt: string; result: string }
      >(
        `SELECT id, from_date AS "from", until_date AS "until", created_at AS createdAt, result
         FROM evaluation WHERE run_id = ? ORDER BY id`,
      )
      .all(runId)
      .map((row) => ({ ...row, result: JSON.parse(row.result) }));
  }

  /** eta-1, eta-2, …: the first number above the model's runs that no run has. */
  #freeName(model: string): string {
    const taken = new Set(
      this.#db
        .prepare<[], { name: string }>('SELECT name FROM run')
        .all()
        .map((row) => row.name),
    );
    const { n } = this.#db
      .prepare<[string], { n: number }>('SELECT count(*) AS n FROM run WHERE model = ?')
      .get(model)!;
    let number = n + 1;
    while (taken.has(`${model}-${number}`)) number++;
    return `${model}-${number}`;
  }
}

/** What the row says, unless the process it speaks of has died since. */
function actualStatus(row: RunRow): RunStatus {
  if (row.status !== 'running') return row.status;
  return row.owner && isAlive(JSON.parse(row.owner) as ProcessStamp) ? 'running' : 'interrupted';
}
