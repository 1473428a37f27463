import { runJobWorker } from '@etalon/core/app';
import { samples } from '@etalon/fixtures';
import { models } from '@etalon/models';

runJobWorker({ models, samples });
