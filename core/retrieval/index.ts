export {
  type BooleanHits,
  BooleanIndex,
  type NearVector,
  type Postings,
  postingsOf,
  type Query,
} from './boolean/booleanIndex.ts';
export { openBoolean, openShards, packBoolean, packShards } from './buffer/compounds.ts';
export { readIndexFile, writeIndexFile } from './buffer/files.ts';
export { type AnyIndex, openIndex, packIndex } from './buffer/indexBuffers.ts';
export { RowFile } from './buffer/rowFile.ts';
export { ExactIndex } from './exact.ts';
export type { Hits, HnswSettings, IvfPqSettings, SearchSettings, VectorIndex } from './hits.ts';
export type { HnswOptions } from './hnsw/build.ts';
export { HnswIndex, hnswDefaults } from './hnsw/hnsw.ts';
export { type IvfPqOptions, ivfPqDefaults } from './ivf/build.ts';
export { IvfPqIndex } from './ivf/ivfPq.ts';
export { type Clustering, type KMeansOptions, kMeans } from './ivf/kMeans.ts';
export { type Projection, principalAxes, project } from './ivf/projection.ts';
export { meanRecall, type TradeOff, type TuneOptions, type Tuning, tuneIvfPq } from './ivf/tune.ts';
export { type RowReader, rowsInMemory } from './rows.ts';
export { activeRows, type Coordinates, GeoShards, GridRegions, merged } from './shards.ts';
export { type Metric, subset, type Vectors, vectorsOf } from './vectors.ts';
