import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'electron-vite';
import { mergeConfig, type Plugin } from 'vite';
import renderer from './renderer/vite.config.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Packages with native parts; they stay files in node_modules. */
const NATIVE = ['better-sqlite3', 'onnxruntime-node', 'webgpu'];

/** Modules of threads by the file that says where they lie: what it exports, and the module's name in the bundle. */
const THREADS: Readonly<Record<string, { url: string; bundled: string }>> = {
  'core/device/pool/threadUrl.ts': { url: 'THREAD_URL', bundled: 'deviceThread.js' },
  'models/pins/producerUrl.ts': { url: 'PRODUCER_URL', bundled: 'pinProducer.js' },
};

/** Tells whoever starts threads where their module lies, seen from the file that it is in itself. */
const threadModules: Plugin = {
  name: 'thread-modules',
  load(id) {
    const thread = Object.entries(THREADS).find(([file]) => id === here(file))?.[1];
    return thread && `export const ${thread.url} = new URL('<${thread.bundled}>', import.meta.url);`;
  },
  renderChunk: (code, { fileName }) =>
    Object.values(THREADS).reduce(
      (text, { bundled }) =>
        text.replace(`<${bundled}>`, `./${posix.relative(posix.dirname(fileName), bundled)}`),
      code,
    ),
};

export default defineConfig({
  main: {
    plugins: [threadModules],
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
          pinProducer: here('models/pins/producer.ts'),
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
