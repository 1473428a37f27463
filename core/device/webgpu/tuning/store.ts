import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { configFolder } from '../../../base/configFolder.ts';

/** Raised when what is measured, or how, changes. Kernels themselves are told apart by their source. */
const VERSION = 1;

/** The best variant by kernel and shape class, on one adapter with one driver. */
export type Findings = Record<string, string>;

/** Where what was measured on an adapter is remembered. */
export interface TuningStore {
  load(adapter: string): Findings;
  save(adapter: string, findings: Findings): void;
}

interface File {
  version: number;
  adapters: Record<string, Findings>;
}

/** A file in the user's configuration folder. One that is damaged or of another version counts as empty. */
export function tuningFile(path: string = join(configFolder(), 'gpu-tuning.json')): TuningStore {
  const read = (): File => {
    try {
      const file = JSON.parse(readFileSync(path, 'utf8')) as File;
      if (file.version === VERSION && typeof file.adapters === 'object' && file.adapters !== null)
        return file;
    } catch {}
    return { version: VERSION, adapters: {} };
  };
  return {
    load: (adapter) => read().adapters[adapter] ?? {},
    save(adapter, findings) {
      const { adapters } = read();
      // What another process found meanwhile is kept.
      adapters[adapter] = { ...adapters[adapter], ...findings };
      try {
        mkdirSync(dirname(path), { recursive: true });
        const temporary = `${path}.${process.pid}`;
        writeFileSync(temporary, `${JSON.stringify({ version: VERSION, adapters }, null, 1)}\n`);
        renameSync(temporary, path);
      } catch (error) {
        console.warn(`What was measured of the GPU was not saved: ${(error as Error).message}`);
      }
    },
  };
}
