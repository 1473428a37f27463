import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { configFolder } from '../base/configFolder.ts';

const KEPT = 12;
const fileSchema = z.object({ projects: z.array(z.object({ path: z.string(), openedAt: z.string() })) });

export interface RecentProject {
  path: string;
  name: string;
  openedAt: string;
  exists: boolean;
}

/** Projects opened on this machine, newest first. A damaged list counts as empty. */
export function recentProjects(): RecentProject[] {
  return read().map(({ path, openedAt }) => ({
    path,
    name: projectName(path),
    openedAt,
    exists: existsSync(path),
  }));
}

/** Puts a project on top of the list. A list that cannot be written is not worth failing for. */
export function rememberProject(path: string): void {
  const projects = [
    { path, openedAt: new Date().toISOString() },
    ...read().filter((project) => project.path !== path),
  ].slice(0, KEPT);
  try {
    mkdirSync(configFolder(), { recursive: true });
    const temporary = `${listPath()}.${process.pid}`;
    writeFileSync(temporary, `${JSON.stringify({ projects }, null, 2)}\n`);
    renameSync(temporary, listPath());
  } catch (error) {
    console.warn(`The list of recent projects was not saved: ${(error as Error).message}`);
  }
}

export function projectName(path: string): string {
  return basename(path).replace(/\.etalon$/, '');
}

function listPath(): string {
  return join(configFolder(), 'recent.json');
}

function read(): { path: string; openedAt: string }[] {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(listPath(), 'utf8'))).projects;
  } catch {
    return [];
  }
}
