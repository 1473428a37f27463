export type { FeatureColumn } from './chunks.ts';
export { inferLayerwise, type LayerProgram, type LayerwiseOptions } from './layerwise.ts';
export { inferByMapJoin, type MapJoinLayer, type MapJoinOptions, partitionsWithin } from './mapJoin.ts';
export { type RowSource, rowsOf } from './stateFile.ts';
