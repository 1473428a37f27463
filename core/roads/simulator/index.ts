export { type Calibration, calibrate } from './calibrate.ts';
export { checkSettings, LIMITS } from './checkSettings.ts';
export { type Conditions, drawConditions, type Incident, type RainSpell } from './conditions.ts';
export { type DayKind, dayKinds, localMidnightS } from './days.ts';
export { Demand, type DemandRates, type Journey, SLOT_S } from './demand.ts';
export { deadEndGates, type Gate } from './gates.ts';
export { learnWays, lucks } from './learn.ts';
export { type Links, linksOf } from './links.ts';
export { JourneyLuck, type Luck, SequenceLuck } from './luck.ts';
export { BIN_S, type SegmentObservations } from './observations.ts';
export { choosePlaces, homesAlong, type LandUse, type Places, type Spot } from './places.ts';
export { Recorder } from './recorder.ts';
export { type Observe, TrafficRun, type TrafficStatistics } from './run.ts';
export type { ScriptedEvent } from './script.ts';
export {
  type Simulation,
  type SimulationFigures,
  type SimulationSettings,
  simulate,
} from './simulate.ts';
export type { HourSpeed, TripFit } from './tripFit.ts';
