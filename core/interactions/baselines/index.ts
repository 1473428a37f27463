export { Bm25Index, bm25 } from './bm25.ts';
export { type BprSettings, bprMf } from './bprMf.ts';
export { adamicAdar, friendsOfFriends } from './friends.ts';
export { type ItemKnnSettings, itemKnn } from './itemKnn.ts';
export { popularity } from './popularity.ts';
export { walkVisits } from './walkVisits.ts';
