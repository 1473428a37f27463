import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'electron-vite';
import { mergeConfig, type Plugin } from 'vite';
import renderer from './renderer/vite.config.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Packages with native parts; they stay files in node_modules. */
const NATIVE = ['better-sqlite3', 'onnxruntime-node', 'webgpu'];

const THREAD = 'deviceThread.js';

/** Tells whoever starts the threads of a device pool where their module lies, seen from the file that it is in itself. */
const deviceThreads: Plugin = {
  name: 'device-threads',
  load: (id) =>
    id === here('core/device/pool/threadUrl.ts')
      ? `export const THREAD_URL = new URL('<${THREAD}>', import.meta.url);`
      : undefined,
  renderChunk: (code, { fileName }) =>
    code.replace(`<${THREAD}>`, `./${posix.relative(posix.dirname(fileName), THREAD)}`),
};

export default defineConfig({
  main: {
    plugins: [deviceThreads],
    build: {
      // Our own rooms are TypeScript, and what they use is only known to their own package files: all of it goes in.
      externalizeDeps: false,
      outDir: here('out/main'),
      rolldownOptions: {
        input: {
          main: here('electron/main.ts'),
          host: here('electron/host.ts'),
          jobWorker: here('electron/jobWorker.ts'),
          deviceThread: here('core/device/pool/thread.ts'),
        },
        external: ['electron', ...NATIVE],
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      outDir: here('out/preload'),
      rolldownOptions: {
        input: { preload: here('electron/preload.ts') },
        external: ['electron'],
        // A sandboxed preload script is CommonJS, and one file.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: mergeConfig(renderer, {
    build: { rolldownOptions: { input: here('renderer/index.html') } },
  }),
});
