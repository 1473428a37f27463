import { percent } from '../format/format.ts';
import { useMap } from '../stores/map.ts';
import { useTheme } from '../theme/theme.ts';
import { className, RATIO_BREAKS, SPEED_RAMP } from './ramp.ts';

const BAR_PX = 16;

export function Legend() {
  const { classKm, isolated, isolate, ratios } = useMap();
  const ramp = SPEED_RAMP[useTheme((state) => state.theme)];
  if (!ratios) return null;
  const total = classKm?.reduce((sum, km) => sum + km, 0) ?? 0;
  const shares = total > 0 ? classKm!.map((km) => km / total) : null;
  const most = Math.max(...(shares ?? [1]));
  return (
    <section className="legend" aria-label="Legend">
      <header className="spread">
        <h2>Speed ÷ free-flow speed</h2>
        <span className="note">{shares ? 'share of km' : ''}</span>
      </header>
      <div className="legend-classes">
        {ramp.map((color, k) => (
          <button
            key={color}
            type="button"
            className="legend-class"
            aria-pressed={isolated === k}
            aria-label={`Show only ratio ${className(k)}${shares ? `, ${percent(shares[k]!)} of kilometres` : ''}`}
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
        <span>free</span>
        {RATIO_BREAKS.map((value, i) => (
          <span key={value} style={{ left: `${((i + 1) / ramp.length) * 100}%` }}>
            {value.toFixed(2)}
          </span>
        ))}
        <span>slow</span>
      </div>
      {isolated !== null && (
        <button type="button" className="link" onClick={() => isolate(null)}>
          Show all classes
        </button>
      )}
    </section>
  );
}
