export { assertHeldOut, baselineScorers } from './evaluateRanking.ts';
export { type AskedGroup, groupReasons } from './group.ts';
export { recommendFor, titleOf } from './recommend.ts';
export { type JudgedRun, storedRanking } from './storedRanking.ts';
