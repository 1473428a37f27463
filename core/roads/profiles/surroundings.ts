import type { RoadNetwork } from '../network.ts';

/** Segments around each segment: those of s are `segments[offsets[s]] … segments[offsets[s + 1] − 1]`. */
export interface Surroundings {
  name: 'ahead1' | 'ahead2' | 'behind1';
  offsets: Uint32Array;
  segments: Int32Array;
}

/** Segments one turn ahead, two turns ahead and one turn behind; the way back along the same road is none of them. */
export function aroundSegments(network: RoadNetwork): Surroundings[] {
  const ahead: number[][] = Array.from({ length: network.segmentCount }, () => []);
  const behind: number[][] = Array.from({ length: network.segmentCount }, () => []);
  for (let turn = 0; turn < network.turnCount; turn++) {
    const from = network.turnFrom[turn];
    const to = network.turnTo[turn];
    if (network.reverse[from] === to) continue;
    ahead[from].push(to);
    behind[to].push(from);
  }
  const ahead2 = ahead.map((near, s) => {
    const known = new Set([s, ...near]);
    return [...new Set(near.flatMap((next) => ahead[next]))].filter((far) => !known.has(far));
  });
  return [packed('ahead1', ahead), packed('ahead2', ahead2), packed('behind1', behind)];
}

function packed(name: Surroundings['name'], lists: readonly (readonly number[])[]): Surroundings {
  const offsets = new Uint32Array(lists.length + 1);
  lists.forEach((list, s) => {
    offsets[s + 1] = offsets[s] + list.length;
  });
  return { name, offsets, segments: Int32Array.from(lists.flat()) };
}
