import { runJobWorker } from '@etalon/core/app';
import { buildSampleCity } from '@etalon/fixtures';
import { models } from '@etalon/models';

runJobWorker({ models, sample: buildSampleCity });
