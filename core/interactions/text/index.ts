export {
  bucketOf,
  type NgramOptions,
  ngramsOf,
  type TokenBags,
  takeBags,
  tokenBags,
} from './ngrams.ts';
export { isOneSlipAway } from './slips.ts';
export { sharedTexts, textMatrix } from './textMatrix.ts';
export { tally, wordsOf } from './words.ts';
