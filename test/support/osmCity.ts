import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RoadNetwork, readRoads } from '../../core/roads/index.ts';
import type { ImportReport } from '../../core/tables/index.ts';
import { type TestCity, type TestNode, type TestRelation, type TestWay, toXml } from './osmFiles.ts';

/** Runs with a folder that is gone afterwards. */
export async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'etalon-roads-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Reads a text as a file of that name. */
export function readText(name: string, text: string | Buffer, others: Record<string, string> = {}) {
  return inFolder((folder) => {
    for (const [other, content] of Object.entries(others)) writeFileSync(join(folder, other), content);
    writeFileSync(join(folder, name), text);
    return readRoads(join(folder, name));
  });
}

export interface ReadCity {
  network: RoadNetwork;
  report: ImportReport;
  /** Refs in order. */
  refs: readonly string[];
  /** "from → to", sorted. */
  turns: string[];
  segment(ref: string): number;
}

export async function readCity(city: TestCity): Promise<ReadCity> {
  const { network, report } = await readText('city.osm', toXml(city));
  const { refs } = network;
  return {
    network,
    report,
    refs,
    turns: Array.from(network.turnFrom, (from, i) => `${refs[from]} → ${refs[network.turnTo[i]]}`).sort(),
    segment(ref) {
      const index = refs.indexOf(ref);
      if (index < 0) throw new Error(`no segment ${ref} among ${refs.join(', ')}`);
      return index;
    },
  };
}

/** A node at x, y in thousandths of a degree from 8° E, 49° N: some 73 m and 111 m. */
export function node(id: number, x: number, y: number, tags?: Record<string, string>): TestNode {
  const degrees = (base: number, thousandths: number): number =>
    Math.round((base + thousandths / 1000) * 1e7) / 1e7;
  return { id, lon: degrees(8, x), lat: degrees(49, y), ...(tags && { tags }) };
}

export function way(id: number, refs: readonly number[], tags: Record<string, string> = {}): TestWay {
  return { id, refs, tags: { highway: 'residential', ...tags } };
}

export function restriction(
  id: number,
  kind: string,
  [from, via, to]: readonly [from: number, via: number, to: number],
  tags: Record<string, string> = {},
): TestRelation {
  return {
    id,
    members: [
      { type: 'way', id: from, role: 'from' },
      { type: 'node', id: via, role: 'via' },
      { type: 'way', id: to, role: 'to' },
    ],
    tags: { type: 'restriction', restriction: kind, ...tags },
  };
}
