import type { ApiSimulation } from '../api/contract.ts';
import { EtalonError, type TaskContext, throwIfCancelled } from '../base/index.ts';
import type { ProjectStore } from '../project/index.ts';
import type { RoadNetwork, TripSet } from '../roads/index.ts';
import { ROAD_CLASSES, selectTrips } from '../roads/index.ts';
import {
  type Calibration,
  calibrate,
  type Simulation,
  type SimulationFigures,
  simulate,
} from '../roads/simulator/index.ts';
import type { ImportReport } from '../tables/index.ts';
import { assertCanSimulate, daysInWords } from './simulateChecks.ts';

/** What a simulation hands back. */
export interface SimulationReport extends ImportReport {
  figures: SimulationFigures;
  calibration: Calibration | null;
}

const SHOWN_FACTORS = 0.01;
/** How much faster than at night trips must be by day to be doubted. */
const DOUBTFUL = 1.03;

/** Simulates, after a calibration where one is wanted, and adds the probes' trips to the project. Throws `conflict`, `cancelled`. */
export async function simulateTraffic(
  store: ProjectStore,
  settings: ApiSimulation,
  context: TaskContext,
): Promise<SimulationReport> {
  const begunAt = performance.now();
  assertCanSimulate(store, settings);
  const network = store.readRoads();
  const existing = store.readTrips();
  const { demand, seed } = settings;
  const calibration = settings.calibrate
    ? await calibrate(network, realTrips(store, existing), { seed, demand }, context)
    : null;
  const fitted = calibration && { demand: calibration.demand, speedFactors: calibration.speedFactors };
  const simulation = await simulate(network, { ...settings, ...fitted }, context);
  throwIfCancelled(context.signal);
  assertNew(existing, simulation.trips);
  context.report({ stage: 'Saving trips', done: 0 });
  const seconds = (performance.now() - begunAt) / 1000;
  const report = reportOf(network, settings, simulation, calibration, seconds);
  store.addTrips(simulation.trips, settings.timeZone, report);
  return { ...report, figures: simulation.figures, calibration };
}

const FORMAT = 'simulated trips';

/** Trips that nobody simulated. */
function realTrips(store: ProjectStore, all: TripSet): TripSet {
  const simulated = store.info().sources.some(({ report }) => report.format === FORMAT);
  if (!simulated) return all;
  return selectTrips(
    all,
    all.ids.flatMap((id, i) => (SIMULATED_ID.test(id) ? [] : [i])),
  );
}

const SIMULATED_ID = /^sim-?\d+-\d+$/;

function assertNew(existing: TripSet, added: TripSet): void {
  const departures = new Map(existing.ids.map((id, i) => [id, existing.departS[i]]));
  const isKnown = added.ids.some((id, i) => departures.get(id) === added.departS[i]);
  if (isKnown)
    throw new EtalonError('conflict', 'The project has trips of this very simulation already.', {
      remedy: 'Choose another seed or first day, or remove the source of the former trips.',
    });
}

function reportOf(
  network: RoadNetwork,
  settings: ApiSimulation,
  { trips, truth, figures }: Simulation,
  calibration: Calibration | null,
  seconds: number,
): ImportReport {
  const { packet } = figures;
  const dropped = [
    { reason: 'running', description: 'Still on their way at the end', count: figures.running },
    { reason: 'gave-up', description: 'Gave up in a jam', count: figures.gaveUp },
    { reason: 'stayed-home', description: 'Could not set out into a jam', count: figures.stayedHome },
  ];
  const share = (n: number, of: number) => `${((100 * n) / Math.max(1, of)).toFixed(1)} %`;
  return {
    source: `simulated, ${daysInWords(settings.days)} from ${settings.firstDay}, seed ${settings.seed}`,
    format: FORMAT,
    read: {
      vehicles: (figures.departed + figures.stayedHome) * packet,
      traversals: figures.traversals * packet,
    },
    kept: { trips: trips.count, traversals: trips.segments.length },
    dropped: dropped
      .filter(({ count }) => count > 0)
      .map((reason) => ({ ...reason, count: reason.count * packet, examples: [] })),
    notes: [
      `The trips come from a traffic simulation of ${figures.vehiclesPerDay.toLocaleString('en')} vehicles a working day, demand ${(calibration?.demand ?? settings.demand).toFixed(2)}; ${packet} vehicles move as one.`,
      `By chance: ${truth.incidents.length} incidents, ${truth.rain.length} spells of rain.`,
      ...(figures.leftOut.segments > 0
        ? [
            `${figures.leftOut.segments.toLocaleString('en')} segments (${share(figures.leftOut.segments, network.segmentCount)}) lie in no loop with the rest: nobody sets out there.`,
          ]
        : []),
      ...(calibration ? [calibrationNote(calibration), ...clockDoubt(calibration)] : []),
    ],
    seconds,
  };
}

/** Trips that are faster by day than by night hint at a clock that is wrong by hours: then the demand means nothing. */
export function clockDoubt({ before }: Pick<Calibration, 'before'>): string[] {
  const mean = (isIn: (hour: number) => boolean) => {
    const rows = before.byHour.filter(({ hour }) => isIn(hour));
    const trips = rows.reduce((sum, row) => sum + row.trips, 0);
    return rows.reduce((sum, row) => sum + row.trips * row.observedKmh, 0) / trips;
  };
  const day = mean((hour) => hour >= 8 && hour < 19);
  const night = mean((hour) => hour >= 22 || hour < 5);
  if (!(day > DOUBTFUL * night)) return [];
  return [
    `The real trips are faster by day (${day.toFixed(0)} km/h) than by night (${night.toFixed(0)} km/h): is their clock right? Speeds could be fitted, the demand could not.`,
  ];
}

function calibrationNote({ before, after, speedFactors }: Calibration): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const factors = speedFactors.flatMap((factor, c) =>
    Math.abs(factor - 1) > SHOWN_FACTORS ? [`${ROAD_CLASSES[c]} × ${factor.toFixed(2)}`] : [],
  );
  return `Calibrated on ${after.trips.toLocaleString('en')} trips: error of a trip’s time ${percent(before.mape)} before, ${percent(after.mape)} after; of the speed by hour ${percent(before.speedError)} before, ${percent(after.speedError)} after. Free speeds: ${factors.join(', ') || 'as they were'}.`;
}
