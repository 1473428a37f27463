export { EmbeddingTable, type TableAdam, type TableOptions, type TableSnapshot } from './embeddingTable.ts';
export { type RowStoreMemory, readWeights } from './rowStore.ts';
export type { RowStart } from './startRow.ts';
export * from './tableExecutable.ts';
