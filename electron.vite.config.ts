import { fileURLToPath } from 'node:url';
import { defineConfig } from 'electron-vite';
import { mergeConfig } from 'vite';
import renderer from './renderer/vite.config.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Packages with native parts; they stay files in node_modules. */
const NATIVE = ['better-sqlite3', 'onnxruntime-node', 'webgpu'];

export default defineConfig({
  main: {
    build: {
      // Our own rooms are TypeScript, and what they use is only known to their own package files: all of it goes in.
      externalizeDeps: false,
      outDir: here('out/main'),
      rolldownOptions: {
        input: {
          main: here('electron/main.ts'),
          host: here('electron/host.ts'),
          jobWorker: here('electron/jobWorker.ts'),
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
