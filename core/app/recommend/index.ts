export { baselineScorers } from './evaluateRanking.ts';
export { type AskedGroup, groupReasons } from './group.ts';
export { type JudgedRanking, storedRanking } from './storedRanking.ts';
