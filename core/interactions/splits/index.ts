export * from './atRandom.ts';
export {
  type HeldOut,
  leaveOneOut,
  splitAtTimes,
  splitByTime,
  splitUsersByTime,
  type TimeSplit,
} from './byTime.ts';
export type { Shares, Split } from './split.ts';
