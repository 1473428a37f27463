import { signed } from '../format/format.ts';
import { useExplain } from '../stores/explain.ts';
import { useIsochrone } from '../stores/isochrone.ts';
import { useTheme } from '../theme/theme.ts';
import { LATER_BREAKS, LATER_RAMP } from './contribution.ts';

/** What the colours of an explained route mean. */
export function ExplainLegend() {
  const { open, explanation } = useExplain();
  const beside = useIsochrone((state) => state.from !== null);
  const ramp = LATER_RAMP[useTheme((state) => state.theme)];
  if (!open || !explanation) return null;
  return (
    <section className={beside ? 'explain-legend beside' : 'explain-legend'} aria-label="Legend of the route">
      <h2>Route: longer than usual, s per km</h2>
      <div className="explain-swatches" style={{ gridTemplateColumns: `repeat(${ramp.length}, 1fr)` }}>
        {ramp.map((color) => (
          <i key={color} className="legend-swatch" style={{ background: color }} />
        ))}
      </div>
      <div className="legend-breaks" aria-hidden>
        {LATER_BREAKS.map((value, i) => (
          <span key={value} style={{ left: `${((i + 1) / ramp.length) * 100}%` }}>
            {signed(value, 0)}
          </span>
        ))}
      </div>
    </section>
  );
}
