import { useEffect, useState } from 'react';
import { Bar } from '../shell/Bar.tsx';
import { stageText } from '../shell/JobsList.tsx';
import { useMap } from '../stores/map.ts';
import { LAYERS } from './layers.ts';

/** A step of time on a small city is there sooner: it is not worth a word. */
const SILENT_MS = 1_000;
const SILENT_FIRST_MS = 300;

/** How far the layer is that is being computed, with Cancel. */
export function LayerProgress({
  loading,
}: {
  loading: NonNullable<ReturnType<typeof useMap.getState>['loading']>;
}) {
  const { shown, layer, stop } = useMap();
  const silentMs = shown?.layer === layer ? SILENT_MS : SILENT_FIRST_MS;
  const [silent, setSilent] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setSilent(false), silentMs);
    return () => clearTimeout(timer);
  }, [silentMs]);
  if (silent) return null;
  const { progress } = loading;
  const what = `Computing ${LAYERS[layer].label.toLowerCase()} of every segment`;
  return (
    <section className="map-progress" aria-label={what}>
      <div className="spread">
        <b>{what}</b>
        <button type="button" className="button small" onClick={stop}>
          Cancel
        </button>
      </div>
      <Bar share={progress?.total ? progress.done / progress.total : null} label={what} />
      <p className="secondary" role="status">
        {progress ? stageText(progress) : 'Waiting for the model'}
      </p>
    </section>
  );
}

/** After Cancel the map goes on showing what it showed before. */
export function StoppedNote() {
  const { stopped, shown, layer, resume } = useMap();
  if (stopped === null) return null;
  return (
    <section className="map-progress" role="status">
      <div className="spread">
        <b>{LAYERS[layer].label} was not computed</b>
        <button type="button" className="button small" onClick={resume}>
          Compute it
        </button>
      </div>
      {shown && <p className="secondary">The map shows what was there before.</p>}
    </section>
  );
}
