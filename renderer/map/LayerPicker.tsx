import { ChevronDown } from 'lucide-react';
import { Popover } from '../shell/Popover.tsx';
import { useMap } from '../stores/map.ts';
import { useProject } from '../stores/project.ts';
import { useShell } from '../stores/shell.ts';
import { HORIZONS, LAYERS, PICKED_LAYERS, speedName } from './layers.ts';

/** What the map shows; keys 1–4. Speeds are predicted for a horizon, measured, or historical. */
export function LayerPicker() {
  const { layer, setLayer } = useMap();
  const hasTrips = useProject((state) => (state.project?.trips ?? 0) > 0);
  const picked = PICKED_LAYERS.filter((id) => id !== 'coverage' || hasTrips);
  return (
    <>
      {layer === 'speed' && <SpeedPicker />}
      <fieldset className="segmented" aria-label="Map layer">
        {picked.map((id, i) => (
          <button
            key={id}
            type="button"
            aria-pressed={layer === id}
            title={`${LAYERS[id].label} (${i + 1})`}
            onClick={() => setLayer(id)}
          >
            {LAYERS[id].label}
          </button>
        ))}
        {layer === 'difference' && (
          <button
            type="button"
            aria-pressed
            title="Back to the comparison"
            onClick={() => useShell.getState().go('compare')}
          >
            {LAYERS.difference.label}
          </button>
        )}
      </fieldset>
    </>
  );
}

function SpeedPicker() {
  const { speed, horizonMinutes, setSpeed } = useMap();
  const name = speedName({ speed, horizonMinutes });
  const choice = (kind: typeof speed, minutes: number, label: string, note: string, close: () => void) => (
    <button
      key={`${kind} ${minutes}`}
      type="button"
      role="menuitemradio"
      aria-checked={speed === kind && (kind !== 'predicted' || horizonMinutes === minutes)}
      className="menu-item"
      onClick={() => {
        setSpeed(kind, minutes);
        close();
      }}
    >
      {label}
      <span className="note">{note}</span>
    </button>
  );
  return (
    <Popover
      label={`Speed: ${name}`}
      align="right"
      button={
        <>
          {name} <ChevronDown size={14} aria-hidden />
        </>
      }
    >
      {(close) => (
        <>
          {HORIZONS.map((minutes) =>
            choice(
              'predicted',
              minutes,
              minutes === 0 ? 'Predicted, now' : `Predicted, +${minutes} min`,
              minutes === 0 ? 'at the strip’s time' : 'with what is known now',
              close,
            ),
          )}
          <div className="menu-rule" />
          {choice('live', 0, 'Live', 'measured, last 30 min', close)}
          {choice('historical', 0, 'Historical', 'mean by hour of week', close)}
        </>
      )}
    </Popover>
  );
}
