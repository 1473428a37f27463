import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const electronFolder = join(import.meta.dirname, '..', 'node_modules', 'electron');

/** Path of Electron's binary, null where it was not fetched. */
export function electronBinary(): string | null {
  const named = join(electronFolder, 'path.txt');
  if (!existsSync(named)) return null;
  const path = join(electronFolder, 'dist', readFileSync(named, 'utf8').trim());
  return existsSync(path) ? path : null;
}
