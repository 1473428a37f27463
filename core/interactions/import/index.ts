export type { EdgePlan, FileChoices, FilePlan, InteractionFile, NodePlan } from './plan.ts';
export {
  type FilePreview,
  previewInteractions,
  type ReadOptions,
  readInteractionFiles,
} from './readInteractions.ts';
