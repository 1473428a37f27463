import type { ReactNode } from 'react';
import { percent } from '../format/format.ts';
import { useMap } from '../stores/map.ts';
import { useRuns } from '../stores/runs.ts';
import { useTheme } from '../theme/theme.ts';
import { LAYERS, type ShownLayer, speedName } from './layers.ts';
import { classRange } from './ramp.ts';

const BAR_PX = 16;
/** A word at an end of the scale may take so much before it runs into the nearest break. */
const LETTER_PX = 6.2;
const SCALE_PX = 258;
const BREAK_PX = 16;

/** The map's legend; a click on a class shows it alone. */
export function Legend() {
  const { shown, isolated, isolate, compared } = useMap();
  const runs = useRuns((state) => state.runs);
  const nameOf = (id: number) => runs.find((run) => run.id === id)?.name ?? `run ${id}`;
  if (!shown) return null;
  return (
    <LayerLegend shown={shown} isolated={isolated} isolate={isolate}>
      {shown.layer === 'speed' && <p className="note">{speedName(shown)}</p>}
      {shown.layer === 'difference' && compared && (
        <p className="note">
          {nameOf(compared.a)} against {nameOf(compared.b)}
        </p>
      )}
    </LayerLegend>
  );
}

interface LayerLegendProps {
  shown: ShownLayer;
  isolated: number | null;
  isolate(classIndex: number | null): void;
  /** Below the title. */
  children?: ReactNode;
}

/** What the colours of a layer mean, and how much of the network has each. */
export function LayerLegend({ shown, isolated, isolate, children }: LayerLegendProps) {
  const theme = useTheme((state) => state.theme);
  const { breaks, classKm, note } = shown;
  const { title, ends, ramp: ramps, format, gap } = LAYERS[shown.layer];
  const ramp = ramps[theme];
  const total = classKm?.reduce((sum, km) => sum + km, 0) ?? 0;
  const shares = total > 0 ? classKm!.map((km) => km / total) : null;
  const most = Math.max(...(shares ?? [1]));
  const endsBelow = ends.some((end) => end.length * LETTER_PX > SCALE_PX / ramp.length - BREAK_PX);
  return (
    <section className="legend" aria-label="Legend">
      <header className="spread">
        <h2>{title}</h2>
        <span className="note">{shares ? 'share of km' : ''}</span>
      </header>
      {children}
      <div
        className={shares ? 'legend-classes' : 'legend-classes bare'}
        style={{ gridTemplateColumns: `repeat(${ramp.length}, 1fr)` }}
      >
        {ramp.map((color, k) => (
          <button
            key={color}
            type="button"
            className="legend-class"
            aria-pressed={isolated === k}
            aria-label={`Show only ${classRange(k, breaks, format)}${shares ? `, ${percent(shares[k]!)} of kilometres` : ''}`}
            onClick={() => isolate(k)}
          >
            {shares && <span className="legend-share">{percent(shares[k]!)}</span>}
            {shares && (
              <i className="legend-bar" style={{ height: Math.max(1, (shares[k]! / most) * BAR_PX) }} />
            )}
            <i
              className={isolated === null || isolated === k ? 'legend-swatch' : 'legend-swatch off'}
              style={{ background: color }}
            />
          </button>
        ))}
      </div>
      <div className="legend-breaks" aria-hidden>
        <span>{!endsBelow && ends[0]}</span>
        {breaks.map((value, i) => (
          <span key={value} style={{ left: `${((i + 1) / ramp.length) * 100}%` }}>
            {format(value)}
          </span>
        ))}
        <span>{!endsBelow && ends[1]}</span>
      </div>
      {endsBelow && (
        <div className="legend-ends" aria-hidden>
          <span>{ends[0]}</span>
          <span>{ends[1]}</span>
        </div>
      )}
      {shown.hasGaps && (
        <p className="note legend-gap">
          <i aria-hidden /> {gap}
        </p>
      )}
      {note && <p className="note legend-note">{note}</p>}
      {isolated !== null && (
        <button type="button" className="link" onClick={() => isolate(null)}>
          Show all classes
        </button>
      )}
    </section>
  );
}
