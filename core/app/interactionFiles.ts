import type { ApiInteractionFile } from '../api/contract.ts';
import type { InteractionFile } from '../interactions/index.ts';
import { absolutePath } from './folders.ts';

export function withAbsolutePath({ path, choices = {} }: ApiInteractionFile): InteractionFile {
  return { path: absolutePath(path), choices };
}
