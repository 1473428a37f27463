import { ObservationColumns, type ObservationSet, type RoadNetwork } from '../../core/roads/index.ts';
import { gridNetwork } from './gridNetwork.ts';

/** How long each observation is. */
export const STEP_S = 300;
const DAY_S = 86_400;

export interface Detectors {
  network: RoadNetwork;
  observations: ObservationSet;
}

/**
 * Speeds of every segment of a small grid every five minutes, from Monday, 6 May 2024: free flow, a dip each afternoon, and slow
 * spells that begin at random, last an hour, and pass on to the next segments a quarter of an hour later. A tenth is missing.
 */
export function detectorDays(days: number, seed: number): Detectors {
  const network = gridNetwork(3, 3);
  const n = network.segmentCount;
  const steps = (days * DAY_S) / STEP_S;
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const loss = new Float32Array(steps * n);
  const spell = (segment: number, from: number, depth: number, passed: number) => {
    for (let step = from; step < Math.min(steps, from + 12); step++)
      loss[step * n + segment] = Math.max(loss[step * n + segment], depth);
    if (passed === 2) return;
    for (let turn = network.turnOffsets[segment]; turn < network.turnOffsets[segment + 1]; turn++)
      spell(network.turnTo[turn], from + 3, 0.8 * depth, passed + 1);
  };
  for (let spells = 0; spells < days * 8; spells++)
    spell(Math.floor(random() * n), Math.floor(random() * steps), 20, 0);
  const firstS = Date.UTC(2024, 4, 6) / 1000;
  const columns = new ObservationColumns();
  for (let step = 0; step < steps; step++)
    for (let segment = 0; segment < n; segment++) {
      const localStartS = firstS + step * STEP_S;
      const hour = (localStartS % DAY_S) / 3600;
      const speedKmh = 50 - 8 * Math.exp(-(((hour - 17) / 2) ** 2)) - loss[step * n + segment] + random();
      if (random() < 0.1) continue;
      columns.push({
        segment,
        startS: localStartS,
        localStartS,
        durationS: STEP_S,
        speedKmh,
        vehicles: Number.NaN,
      });
    }
  return { network, observations: columns.take() };
}
