export { createProject, openProject, Project } from './project.ts';
export type * from './types.ts';
