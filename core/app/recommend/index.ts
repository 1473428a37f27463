export { type JudgedRanking, storedRanking } from './storedRanking.ts';
