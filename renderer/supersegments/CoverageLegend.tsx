import { count, percent } from '../format/format.ts';
import { Ramp } from '../map/Ramp.tsx';
import { useSupersegments } from '../stores/supersegments.ts';
import { useTheme } from '../theme/theme.ts';
import { COVERAGE_RAMP } from './coverage.ts';

export function CoverageLegend() {
  const { catalogue, detail } = useSupersegments();
  const theme = useTheme((state) => state.theme);
  const all = catalogue?.coverage.at(-1);
  if (!catalogue || !all) return null;
  return (
    <section className="legend" aria-label="Legend">
      <header className="spread">
        <h2>Supersegments on a road</h2>
        <span className="note">share of km</span>
      </header>
      <div className="ramp-shares">
        {catalogue.classKm.map((km, k) => (
          <span key={COVERAGE_RAMP.light[k]}>{percent(km / Math.max(all.km, 1e-9))}</span>
        ))}
      </div>
      <Ramp colours={COVERAGE_RAMP[theme]} breaks={catalogue.breaks.map(count)} ends={['one', 'many']} />
      <p className="note legend-gap">
        <i aria-hidden /> not covered, {percent(1 - all.coveredKm / Math.max(all.km, 1e-9))}
      </p>
      {detail && (
        <p className="note supersegment-keys">
          <span>
            <i className="line-key accent" /> selected
          </span>
          <span>
            <i className="supersegment-around-key" /> around it
          </span>
        </p>
      )}
    </section>
  );
}
