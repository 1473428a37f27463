export * from './atRandom.ts';
export {
  type HeldOut,
  leaveOneOut,
  splitAtTimes,
  splitByTime,
  splitUsersByTime,
  type TimeSplit,
} from './byTime.ts';
export type { Part, Shares, Split } from './split.ts';
