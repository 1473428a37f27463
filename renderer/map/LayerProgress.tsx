import { useWaitedMs } from '../shell/CallWaiting.tsx';
import { ProgressBox } from '../shell/ProgressBox.tsx';
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
  const waitedMs = useWaitedMs(loading.since);
  if (waitedMs < (shown?.layer === layer ? SILENT_MS : SILENT_FIRST_MS)) return null;
  return (
    <ProgressBox
      title={`Computing ${LAYERS[layer].label.toLowerCase()} of every segment`}
      cancel={stop}
      progress={loading.progress}
      secondsLeft={null}
      elapsedS={waitedMs / 1000}
    />
  );
}

/** After Cancel the map goes on showing what it showed before. */
export function StoppedNote() {
  const { stopped, shown, layer, resume } = useMap();
  if (stopped === null) return null;
  return (
    <section className="progress-box" role="status">
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
