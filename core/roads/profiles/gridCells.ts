import type { RoadNetwork } from '../network.ts';

const METRES_PER_DEGREE = 111_320;

/** Segments grouped by the square of a grid in which their middle lies and by the direction they run in. */
export interface DirectedCells {
  readonly count: number;
  /** [S] */
  readonly cellOfSegment: Int32Array;
}

/** @param headings how many sectors the compass is cut into; the first is centred on north. */
export function directedCells(network: RoadNetwork, sizeM: number, headings: number): DirectedCells {
  const { segmentCount: S, geometryOffsets, coordinates } = network;
  const eastScale = METRES_PER_DEGREE * Math.cos((meanLatitude(coordinates) * Math.PI) / 180);
  const cellOfSegment = new Int32Array(S);
  const indexOf = new Map<string, number>();
  for (let s = 0; s < S; s++) {
    const first = 2 * geometryOffsets[s];
    const last = 2 * geometryOffsets[s + 1] - 2;
    const x = ((coordinates[first] + coordinates[last]) / 2) * eastScale;
    const y = ((coordinates[first + 1] + coordinates[last + 1]) / 2) * METRES_PER_DEGREE;
    const east = (coordinates[last] - coordinates[first]) * eastScale;
    const north = (coordinates[last + 1] - coordinates[first + 1]) * METRES_PER_DEGREE;
    const turn = Math.atan2(east, north) / (2 * Math.PI) + 1;
    const key = `${Math.floor(x / sizeM)},${Math.floor(y / sizeM)},${Math.round(turn * headings) % headings}`;
    let cell = indexOf.get(key);
    if (cell === undefined) {
      cell = indexOf.size;
      indexOf.set(key, cell);
    }
    cellOfSegment[s] = cell;
  }
  return { count: indexOf.size, cellOfSegment };
}

function meanLatitude(coordinates: Float64Array): number {
  let sum = 0;
  for (let i = 1; i < coordinates.length; i += 2) sum += coordinates[i];
  return sum / Math.max(1, coordinates.length / 2);
}
