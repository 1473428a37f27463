/** The module of the threads that make batches; the bundle of the desktop shell puts another place here. */
export const PRODUCER_URL = new URL('./producer.ts', import.meta.url);
