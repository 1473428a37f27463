import { percent } from '../format/format.ts';
import { useMap } from '../stores/map.ts';
import { useTheme } from '../theme/theme.ts';
import { LAYERS, speedName } from './layers.ts';
import { classRange } from './ramp.ts';

const BAR_PX = 16;
/** A longer word at an end of the scale would run into the nearest break. */
const SHORT = 6;

export function Legend() {
  const { shown, isolated, isolate } = useMap();
  const theme = useTheme((state) => state.theme);
  if (!shown) return null;
  const { breaks, classKm, note } = shown;
  const { title, ends, ramp: ramps, format, gap } = LAYERS[shown.layer];
  const ramp = ramps[theme];
  const total = classKm?.reduce((sum, km) => sum + km, 0) ?? 0;
  const shares = total > 0 ? classKm!.map((km) => km / total) : null;
  const most = Math.max(...(shares ?? [1]));
  const endsBelow = ends.some((end) => end.length > SHORT);
  return (
    <section className="legend" aria-label="Legend">
      <header className="spread">
        <h2>{title}</h2>
        <span className="note">{shares ? 'share of km' : ''}</span>
      </header>
      {shown.layer === 'speed' && <p className="note">{speedName(shown)}</p>}
      <div className="legend-classes" style={{ gridTemplateColumns: `repeat(${ramp.length}, 1fr)` }}>
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
