export interface SimulationSize {
  days: number;
  demand: number;
  calibrate: boolean;
}

/** Seconds on one core of the machine that docs/simulator.md speaks of: for each segment, by what was measured there. */
const LEARNING_S = 4e-4;
const DAY_S = 9e-5;
/** Days and learnings of a calibration. */
const CALIBRATION = { days: 8, learnings: 2 };

/** How long simulating a network of so many segments will take, within a factor of two or so. */
export function expectedSeconds(segments: number, { days, demand, calibrate }: SimulationSize): number {
  const driven = days + (calibrate ? CALIBRATION.days : 0);
  const learned = 1 + (calibrate ? CALIBRATION.learnings : 0);
  return 1 + segments * (learned * LEARNING_S + driven * demand * DAY_S);
}
