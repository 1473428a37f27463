import { accessSync, closeSync, constants, existsSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { type ErrorLocation, EtalonError } from '../base/index.ts';
import { migrations, SCHEMA_VERSION } from './migrations/index.ts';

export type Connection = Database.Database;

/** "ETLN": marks a SQLite file as an Etalon project. */
const APPLICATION_ID = 0x45544c4e;

/** How long a connection waits for another one's write to end. An import writes a large city in a second or two. */
const BUSY_TIMEOUT_MS = 5_000;

/** Makes a new, empty project file. Throws `conflict` when something is there already. */
export function createDatabase(givenPath: string): Connection {
  const path = resolve(givenPath);
  reserveFile(path);
  try {
    const db = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    // Both must be set before the first page is written.
    db.pragma('auto_vacuum = INCREMENTAL');
    db.pragma(`application_id = ${APPLICATION_ID}`);
    configure(db, false);
    migrate(db);
    return db;
  } catch (error) {
    rmSync(path, { force: true });
    throw explainSqlite(error, path);
  }
}

/** Opens a project file and brings its schema up to date, unless read-only. */
export function openDatabase(givenPath: string, { readonly = false } = {}): Connection {
  const path = resolve(givenPath);
  checkFile(path, readonly);
  let db: Connection | undefined;
  try {
    db = new Database(path, { readonly, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    checkIdentity(db, path);
    configure(db, readonly);
    if (readonly) refuseOldSchema(db, path);
    else migrate(db);
    return db;
  } catch (error) {
    db?.close();
    throw explainSqlite(error, path);
  }
}

/** Runs `action`, giving SQLite's errors in a user's words. */
export function explained<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw explainSqlite(error, path);
  }
}

function reserveFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx'));
  } catch (error) {
    const where = { file: path };
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST')
      throw new EtalonError('conflict', 'A file of this name exists already.', {
        where,
        remedy: 'Open it, or choose another name.',
      });
    if (code === 'ENOENT')
      throw new EtalonError('not-found', `There is no folder ${dirname(path)}.`, {
        where,
        remedy: 'Make the folder first, or choose another one.',
      });
    throw new EtalonError('input', `The project file cannot be made here (${code}).`, {
      where,
      remedy: 'Choose a folder that you may write to.',
      cause: error,
    });
  }
}

function checkFile(path: string, readonly: boolean): void {
  const where = { file: path };
  if (!existsSync(path))
    throw new EtalonError('not-found', 'There is no such project file.', {
      where,
      remedy: 'Check the path, or make a new project.',
    });
  if (!statSync(path).isFile()) throw notAProject(where);
  if (readonly) return;
  try {
    accessSync(path, constants.W_OK);
  } catch (cause) {
    throw new EtalonError('conflict', 'The project file is read-only.', {
      where,
      remedy: 'Allow writing to it, or copy it to a folder of your own.',
      cause,
    });
  }
}

/** Read before anything is set, so that a database of somebody else's stays as it is. */
function checkIdentity(db: Connection, path: string): void {
  const where = { file: path };
  if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) throw notAProject(where);
  const version = schemaVersion(db);
  if (version > SCHEMA_VERSION)
    throw new EtalonError(
      'input',
      `The project was made by a newer Etalon (file version ${version}, this one reads up to ${SCHEMA_VERSION}).`,
      { where, remedy: 'Update Etalon to open it.' },
    );
}

function notAProject(where: ErrorLocation): EtalonError {
  return new EtalonError('input', 'This is not an Etalon project file.', {
    where,
    remedy: 'Choose a file that Etalon made (name.etalon).',
  });
}

function refuseOldSchema(db: Connection, path: string): void {
  if (schemaVersion(db) < SCHEMA_VERSION)
    throw new EtalonError('conflict', 'The project was made by an older Etalon and must be updated first.', {
      where: { file: path },
      remedy: 'Open it once for writing.',
    });
}

function configure(db: Connection, readonly: boolean): void {
  // The schema may come from a stranger's file: its triggers and views get no dangerous functions.
  db.pragma('trusted_schema = OFF');
  db.pragma('foreign_keys = ON');
  if (readonly) return;
  db.pragma('journal_mode = WAL');
  // In WAL mode a commit survives the process's death; only a power cut can lose the last ones, never damage the file.
  db.pragma('synchronous = NORMAL');
  db.pragma('journal_size_limit = 16777216');
}

function migrate(db: Connection): void {
  if (schemaVersion(db) >= SCHEMA_VERSION) return;
  // A table that is made anew is dropped before: what refers to it must not go with it. Takes effect outside of transactions only.
  db.pragma('foreign_keys = OFF');
  try {
    for (const { version, sql } of migrations) {
      if (schemaVersion(db) >= version) continue;
      db.transaction(() => {
        // Another process may have been first.
        if (schemaVersion(db) >= version) return;
        db.exec(sql);
        if ((db.pragma('foreign_key_check') as unknown[]).length > 0)
          throw new EtalonError('internal', `Migration ${version} leaves references to nothing.`);
        db.pragma(`user_version = ${version}`);
      }).immediate();
    }
  } finally {
    db.pragma('foreign_keys = ON');
  }
}

function schemaVersion(db: Connection): number {
  return db.pragma('user_version', { simple: true }) as number;
}

function explainSqlite(error: unknown, path: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const where = { file: path };
  const { code } = error;
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return new EtalonError('conflict', 'Another process has locked the project file.', {
      where,
      remedy: 'Wait until its import or training step is written, or close the other program.',
      cause: error,
    });
  if (code.startsWith('SQLITE_NOTADB')) return notAProject(where);
  if (code.startsWith('SQLITE_READONLY'))
    return new EtalonError('conflict', 'The project is open for reading only.', {
      where,
      remedy: 'Open it for writing, or copy it to a folder that you may write to.',
      cause: error,
    });
  if (code.startsWith('SQLITE_CANTOPEN'))
    return new EtalonError('input', 'The project file cannot be opened.', {
      where,
      remedy: 'Check that you may write to its folder: SQLite keeps its journal beside the file.',
      cause: error,
    });
  if (code.startsWith('SQLITE_FULL'))
    return new EtalonError('conflict', 'The disk is full; nothing was changed.', {
      where,
      remedy: 'Free some space and try again.',
      cause: error,
    });
  if (code.startsWith('SQLITE_CORRUPT'))
    return new EtalonError('input', 'The project file is damaged.', {
      where,
      remedy: 'Go back to a copy of it.',
      cause: error,
    });
  return new EtalonError('internal', `SQLite: ${error.message} (${code})`, { where, cause: error });
}
