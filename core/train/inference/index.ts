export type { FeatureColumn } from './chunks.ts';
export { inferLayerwise, type LayerProgram, type LayerwiseOptions } from './layerwise.ts';
