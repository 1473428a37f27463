export {
  BoostedTrees,
  type BoostingData,
  type BoostingLoss,
  type BoostingOptions,
  boostingDefaults,
  boostTrees,
} from './boosting.ts';
