export * from './crossFit.ts';
export { splitByBlock } from './dayBlocks.ts';
export { DELAY, DELAYS, endsAtSignal, findTurn, turnDelayBetween } from './delays.ts';
export * from './fitSegmentModel.ts';
export * from './liveIndex.ts';
export * from './segmentModel.ts';
export * from './timeCells.ts';
export * from './windows.ts';
