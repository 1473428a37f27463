import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { EtalonError } from '../base/index.ts';

/**
 * Lets one writing job at a time work on a project, across processes. The lock is SQLite's own on a small file beside the
 * project: the system frees it when its process ends, however it ends.
 */
export class ProjectLock {
  readonly #path: string;
  readonly #db: Database.Database;

  private constructor(path: string, db: Database.Database) {
    this.#path = path;
    this.#db = db;
  }

  /** Throws `conflict`, naming what holds the lock. */
  static acquire(projectPath: string, title: string): ProjectLock {
    const path = `${projectPath}-job`;
    for (;;) {
      closeSync(openSync(path, 'a'));
      const file = inode(path);
      const db = lock(path, title, projectPath);
      // The former holder may have unlinked the file between our opening and our locking it: then it guards nothing.
      if (inode(path) === file) return new ProjectLock(path, db);
      db.close();
    }
  }

  release(): void {
    // Unlinked while still locked, so that nobody can have locked it in between. Windows keeps open files.
    if (process.platform !== 'win32') rmSync(this.#path, { force: true });
    this.#db.close();
  }
}

function lock(path: string, title: string, projectPath: string): Database.Database {
  const db = new Database(path, { timeout: 0 });
  try {
    db.exec('CREATE TABLE IF NOT EXISTS holder (title TEXT NOT NULL, pid INTEGER NOT NULL) STRICT');
    db.transaction(() => {
      db.exec('DELETE FROM holder');
      db.prepare('INSERT INTO holder VALUES (?, ?)').run(title, process.pid);
    }).immediate();
    // A reserved lock: others can still read who holds it.
    db.exec('BEGIN IMMEDIATE');
    return db;
  } catch (error) {
    const refusal = isBusy(error)
      ? new EtalonError('conflict', `${holder(db)} is already working on this project.`, {
          where: { file: projectPath },
          remedy: 'Wait until it is done, or cancel it.',
        })
      : error;
    db.close();
    throw refusal;
  }
}

function inode(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}

function holder(db: Database.Database): string {
  try {
    const row = db.prepare('SELECT title, pid FROM holder').get() as
      | { title: string; pid: number }
      | undefined;
    if (row) return row.pid === process.pid ? `“${row.title}”` : `“${row.title}” (process ${row.pid})`;
  } catch (error) {
    if (!isBusy(error)) throw error;
  }
  return 'Another job';
}
