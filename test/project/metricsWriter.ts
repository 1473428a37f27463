import { workerData } from 'node:worker_threads';
import { openProject } from '../../core/project/index.ts';

/** A thread with a connection of its own that writes points in pairs. */
const { path, id, points } = workerData as { path: string; id: number; points: number };
const project = openProject(path);
for (let epoch = 0; epoch < points; epoch++)
  project.addMetrics(id, [
    { epoch, name: 'loss', value: 1 / epoch },
    { epoch, name: 'valMae', value: epoch },
  ]);
project.close();
