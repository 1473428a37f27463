import { openProject } from '../../core/project/index.ts';
import { gridCity } from '../support/network.ts';
import { emptyReport, randomTrips } from '../support/trips.ts';

/** Imports one of two cities with its trips, over and over, until it is killed. Says when it begins. */
const project = openProject(process.argv[2]);
const cities = [gridCity({ rows: 20, columns: 20 }), gridCity({ rows: 24, columns: 15 })].map((network) => ({
  network,
  trips: randomTrips(network, { count: 4000, seed: 1 }),
}));
process.send?.('begin');
for (let i = 0; ; i++) {
  const { network, trips } = cities[i % 2];
  project.writeRoads(network, emptyReport(`roads ${i % 2}`));
  project.addTrips(trips, 'Europe/Berlin', emptyReport(`trips ${i % 2}`));
}
