import { type Dirent, existsSync } from 'node:fs';
import { readdir, stat, statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { EtalonError } from '../base/index.ts';

export interface FolderEntry {
  name: string;
  path: string;
  folder: boolean;
  sizeBytes: number;
  modifiedAt: string;
}

export interface Folder {
  path: string;
  parent: string | null;
  entries: FolderEntry[];
}

/** A path as a user writes it, `~` for the home folder, made absolute. */
export function absolutePath(path: string): string {
  return resolve(path.replace(/^~(?=$|[\\/])/, homedir()));
}

/** A folder's visible entries, folders first. What cannot be looked at is left out. Throws `not-found` or `input`. */
export async function listFolder(path: string): Promise<Folder> {
  const folder = absolutePath(path || '~');
  const names = (await readFolder(folder)).map((entry) => entry.name).filter((name) => !name.startsWith('.'));
  const entries = (await Promise.all(names.map((name) => entryAt(join(folder, name), name)))).filter(
    (entry) => entry !== null,
  );
  entries.sort((a, b) => Number(b.folder) - Number(a.folder) || a.name.localeCompare(b.name));
  return { path: folder, parent: dirname(folder) === folder ? null : dirname(folder), entries };
}

/** Bytes free for the user on the disk that holds the path, or its nearest existing ancestor. */
export async function diskFreeBytes(path: string): Promise<number> {
  let existing = path;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  const { bavail, bsize } = await statfs(existing);
  return bavail * bsize;
}

async function readFolder(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const where = { file: path };
    if (code === 'ENOENT') throw new EtalonError('not-found', 'There is no such folder.', { where });
    if (code === 'ENOTDIR') throw new EtalonError('input', 'This is a file, not a folder.', { where });
    throw new EtalonError('input', `The folder cannot be read (${code}).`, { where, cause: error });
  }
}

async function entryAt(path: string, name: string): Promise<FolderEntry | null> {
  try {
    const { size, mtime, isDirectory } = await stat(path).then((s) => ({
      size: s.size,
      mtime: s.mtime,
      isDirectory: s.isDirectory(),
    }));
    return {
      name,
      path,
      folder: isDirectory,
      sizeBytes: isDirectory ? 0 : size,
      modifiedAt: mtime.toISOString(),
    };
  } catch {
    return null;
  }
}
