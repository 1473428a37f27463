import { defineRecommender } from './recommend/define.ts';
import { walkthroughSystem } from './walkthrough/system.ts';

export const walkthrough = defineRecommender(walkthroughSystem);
