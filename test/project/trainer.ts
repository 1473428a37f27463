import { openProject } from '../../core/project/index.ts';

/** Begins a run in a process of its own, says so, and waits to be killed. */
const project = openProject(process.argv[2]);
const run = project.createRun({ model: 'eta', config: {} });
for (let epoch = 1; epoch <= 4; epoch++)
  project.saveCheckpoint(run.id, 'latest', {
    epoch,
    arrays: { parameters: new Float32Array(1000).fill(epoch) },
    json: { seed: 7 },
  });
process.send?.({ runId: run.id });
setInterval(() => {}, 1000);
