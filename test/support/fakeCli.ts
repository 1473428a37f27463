import { main } from '../../cli/main.ts';
import { fakeModel } from './fakeModel.ts';

process.exit(
  await main(process.argv.slice(2), {
    models: async () => ({ eta: fakeModel }),
    jobWorker: new URL('./fakeWorker.ts', import.meta.url),
  }),
);
