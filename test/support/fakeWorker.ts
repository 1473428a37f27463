import { runJobWorker } from '../../core/app/index.ts';
import { fakeModel, fakeSample } from './fakeModel.ts';

runJobWorker({ models: { eta: fakeModel }, samples: { city: fakeSample } });
