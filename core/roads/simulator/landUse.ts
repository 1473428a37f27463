import { ROAD_CLASSES, type RoadNetwork } from '../network.ts';
import { borderGates } from './gates.ts';
import { homesAlong, type LandUse, type Spot, spotsOf } from './places.ts';
import { reaching } from './reach.ts';

/** Relative numbers of jobs along a kilometre, by class: shops and offices stand on streets that lead somewhere. */
const JOBS_PER_KM = [0, 0, 1, 1.5, 1.5, 1, 0.4, 0.8, 0];
const CELL_KM = 0.5;
/** How much more jobs than homes gather where streets are dense. */
const JOB_CONCENTRATION = 1.3;
/** Share of all homes and jobs beyond the border, where roads lead out of the network. */
const GATE_HOMES = 0.2;
const GATE_JOBS = 0.15;
const ENDS = 24;

/**
 * Who lives and works where in a network of which nothing else is known: people along residential streets by their length, jobs along
 * livelier ones and the more of them the denser the streets are, both only on the strongly connected part; the rest of the world beyond
 * the main roads that the border cuts off.
 */
export function proxyLandUse(network: RoadNetwork, strong: Uint8Array, places: number): LandUse {
  const centre = middleOfHomes(network, strong);
  const spots = spotsOf(network, centre);
  const density = streetDensity(network, strong, spots);
  const reach = { arrives: reaching(network, strong, 'ahead'), departs: reaching(network, strong, 'back') };
  const gates = borderGates(network, centre, reach, Math.floor(0.3 * places));
  const anyHomes = spots.some((_, s) => strong[s] && homesAlong(network, s) > 0);
  const areaKm2 = density.size * CELL_KM ** 2;
  return {
    centre,
    homes: (s) => {
      if (!strong[s]) return 0;
      return anyHomes ? homesAlong(network, s) : network.lengthM[s] / 1000;
    },
    jobs: (s, at) =>
      (0.01 + JOBS_PER_KM[network.roadClass[s]]) *
      (network.lengthM[s] / 1000) *
      (density.get(cellOf(at)) ?? 0) ** JOB_CONCENTRATION,
    gates,
    gateHomes: GATE_HOMES,
    gateJobs: GATE_JOBS,
    ends: ENDS,
    apartKm: 0.8 * Math.sqrt(areaKm2 / Math.max(1, places - gates.length)),
  };
}

/** Kilometres of streets in each cell that has some. */
function streetDensity(
  network: RoadNetwork,
  strong: Uint8Array,
  spots: readonly Spot[],
): Map<number, number> {
  const service = ROAD_CLASSES.indexOf('service');
  const density = new Map<number, number>();
  spots.forEach((at, s) => {
    if (!strong[s] || network.roadClass[s] >= service) return;
    const cell = cellOf(at);
    density.set(cell, (density.get(cell) ?? 0) + network.lengthM[s] / 1000);
  });
  return density;
}

function cellOf([east, north]: Spot): number {
  return Math.floor(east / CELL_KM) * 100_003 + Math.floor(north / CELL_KM);
}

/** Longitude, latitude of the middle of where people live: medians, so that far suburbs do not pull. */
function middleOfHomes(network: RoadNetwork, strong: Uint8Array): [number, number] {
  const members = [...strong.keys()].filter((s) => strong[s]);
  const lived = members.filter((s) => homesAlong(network, s) > 0);
  const taken = lived.length > 0 ? lived : members;
  const median = (axis: number) => {
    const values = taken.map((s) => network.junctionCoordinates[2 * network.fromJunction[s] + axis]);
    return values.sort((a, b) => a - b)[values.length >> 1];
  };
  return [median(0), median(1)];
}
