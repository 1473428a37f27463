import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { quietContext } from '../../../core/base/index.ts';
import { type SpeedSource, speedsOfWeek } from '../../../core/roads/exchange/weeklySpeeds.ts';
import { writeOsrmSpeeds } from '../../../core/roads/exchange/writeOsrm.ts';
import { readRoads } from '../../../core/roads/index.ts';
import { openPbf } from '../../../core/roads/osm/pbf.ts';
import { inFolder } from '../../support/osmCity.ts';

const folder = fileURLToPath(new URL('../../../../shared/data/osm', import.meta.url));

describe.skipIf(!existsSync(folder))('real extracts (skipped where ../shared/data/osm is missing)', () => {
  it.each(['helsinki.osm.pbf', 'monaco.osm.pbf'])(
    '%s: every pair for OSRM is one step along a way, and every step of a kept way is there',
    { timeout: 60_000 },
    async (file) => {
      const { network } = await readRoads(join(folder, file));
      // The ways as they stand in the file, and the nodes that it has.
      const pbf = await openPbf(join(folder, file));
      const steps = new Map<number, Set<string>>();
      const wanted = new Set(network.wayIds);
      const places = new Map<number, string>();
      await pbf.read(
        {
          wayKeys: ['highway'],
          way(id, _tags, refs) {
            if (!wanted.has(id)) return;
            steps.set(id, new Set(Array.from(refs.slice(1), (ref, i) => `${refs[i]},${ref}`)));
          },
          nodes({ count, ids, lons, lats }) {
            for (let i = 0; i < count; i++) places.set(ids[i], `${lons[i]} ${lats[i]}`);
          },
        },
        'Reading',
        quietContext,
      );
      await pbf.close();
      const source: SpeedSource = {
        description: 'a test',
        of: (segment) => speedsOfWeek(new Float32Array(2016).fill(10 + (segment % 100))),
      };
      const lines = await inFolder(async (out) => {
        await writeOsrmSpeeds(join(out, 'a.csv'), network, async () => source, 0, quietContext);
        return readFileSync(join(out, 'a.csv'), 'utf8').trimEnd().split('\n');
      });
      // Nodes of a way at one place are one here: a step beside them may have the other's number. It is rare.
      const placesOf = (step: string) =>
        step
          .split(',')
          .map((node) => places.get(Number(node)))
          .join();
      let byPlace = 0;
      const isStep = (way: ReadonlySet<string>, step: string): boolean => {
        if (way.has(step)) return true;
        byPlace++;
        return [...way].some((other) => placesOf(other) === placesOf(step));
      };
      const written = new Set(lines.map((line) => line.slice(0, line.lastIndexOf(','))));
      let row = 0;
      for (let segment = 0; segment < network.segmentCount; segment++) {
        const way = steps.get(network.wayIds[segment])!;
        const against = (network.flags[segment] & 256) !== 0;
        for (let p = network.geometryOffsets[segment]; p + 1 < network.geometryOffsets[segment + 1]; p++) {
          const [from, to, kmh] = lines[row++].split(',');
          expect(isStep(way, against ? `${to},${from}` : `${from},${to}`), lines[row - 1]).toBe(true);
          expect(Number(kmh)).toBe(10 + (segment % 100));
        }
      }
      expect(row).toBe(lines.length);
      expect(byPlace).toBeLessThan(lines.length / 1000);
      const stepsByPlace = new Set(Array.from(written, placesOf));
      for (const way of steps.values())
        for (const step of way) {
          const [from, to] = step.split(',').map(Number);
          // Nodes that the extract lacks, and nodes at one place, which are taken as one, make no step.
          if (!places.has(from) || !places.has(to) || places.get(from) === places.get(to)) continue;
          const there = [`${from},${to}`, `${to},${from}`].some(
            (pair) => written.has(pair) || stepsByPlace.has(placesOf(pair)),
          );
          expect(there, step).toBe(true);
        }
    },
  );
});
