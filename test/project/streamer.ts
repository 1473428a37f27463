import { setImmediate as breathe } from 'node:timers/promises';
import { openProject } from '../../core/project/index.ts';
import { randomObservations } from '../support/randomObservations.ts';
import { emptyReport } from '../support/trips.ts';

/** Imports observations without end, until it is killed. Says when a part of them was handed over. */
const project = openProject(process.argv[2]);
const { segments } = project.info();
await project.importObservations('Europe/Berlin', async (add) => {
  for (let seed = 0; seed < 10_000; seed++) {
    add(randomObservations({ count: 300_000, segments, seed }));
    process.send?.(seed);
    await breathe();
  }
  return emptyReport('never');
});
