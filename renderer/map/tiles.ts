import { addProtocol, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { api } from '../api/connection.ts';

let ready = false;

/** Lets MapLibre read tiles of the project's roads from the API: `etalon://roads/{version}/{z}/{x}/{y}`. */
export function serveTiles(): void {
  if (ready) return;
  ready = true;
  setWorkerUrl(workerUrl);
  addProtocol('etalon', async ({ url }, abort) => {
    const [z, x, y] = url.split('/').slice(-3).map(Number) as [number, number, number];
    const tile = await api().roads.tile({ z, x, y }, { signal: abort.signal });
    return { data: await tile.arrayBuffer() };
  });
}
