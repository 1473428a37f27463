import { existsSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../../shared/data/recommend');

/** Where a real data set lies, beside the project; absent on most machines. */
export const recommendData = (...parts: string[]) => join(folder, ...parts);
export const hasRecommendData = existsSync(recommendData('ml-100k/ml-100k.inter'));
/** Ends the title of tests that are skipped without it. */
export const needsRecommendData = hasRecommendData ? '' : ' (skipped: no ../shared/data/recommend)';
