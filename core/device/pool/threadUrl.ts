/** The module that threads of a pool run. A bundle puts its own address here (`electron.vite.config.ts`). */
export const THREAD_URL = new URL('./thread.ts', import.meta.url);
