import { openDevice } from '@etalon/core/device';
import { graphClassification } from './graphClassification.ts';
import { graphRegression } from './graphRegression.ts';
import { linkPrediction } from './linkPrediction.ts';
import { nodeClassification } from './nodeClassification.ts';
import { nodeRegression } from './nodeRegression.ts';
import { ranking } from './ranking.ts';

/** Runs every example and prints what it says. */
const device = await openDevice('cpu');
console.log('node classification', await nodeClassification(device));
console.log('graph classification', await graphClassification(device));
console.log('link prediction', await linkPrediction(device));
console.log('node regression', await nodeRegression(device));
console.log('graph regression', await graphRegression(device));
const { recalls } = await ranking(device);
console.log('ranking', { recall: recalls.reduce((a, b) => a + b) / recalls.length, users: recalls.length });
await device.dispose();
