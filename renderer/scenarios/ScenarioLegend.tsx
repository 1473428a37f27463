import { percent, signed } from '../format/format.ts';
import { Ramp } from '../map/Ramp.tsx';
import { RATIO_BREAKS, SPEED_RAMP } from '../map/ramp.ts';
import { useScenarios } from '../stores/scenarios.ts';
import { useTheme } from '../theme/theme.ts';
import { CHANGE_BREAKS, CHANGE_RAMP } from './change.ts';

export function ScenarioLegend() {
  const { view, values } = useScenarios();
  const theme = useTheme((state) => state.theme);
  if (!values) return null;
  const { changeKm, closed, edited } = values.speeds;
  const keys = (
    <p className="note scenario-keys">
      {edited.length > 0 && (
        <span>
          <i className="line-key accent" /> edited
        </span>
      )}
      {closed.length > 0 && (
        <span>
          <i className="line-key closed" /> closed
        </span>
      )}
    </p>
  );
  if (view === 'slider')
    return (
      <section className="legend" aria-label="Legend">
        <h2>Speed ÷ free-flow speed</h2>
        <Ramp
          colours={SPEED_RAMP[theme]}
          breaks={RATIO_BREAKS.map((value) => value.toFixed(2))}
          ends={['free', 'slow']}
        />
        {keys}
      </section>
    );
  const total = changeKm.reduce((sum, km) => sum + km, 0);
  return (
    <section className="legend" aria-label="Legend">
      <header className="spread">
        <h2>Change of travel time, %</h2>
        <span className="note">share of km</span>
      </header>
      <div className="ramp-shares">
        {changeKm.map((km, k) => (
          <span key={CHANGE_RAMP.light[k]}>{percent(km / Math.max(total, 1e-9))}</span>
        ))}
      </div>
      <Ramp
        colours={CHANGE_RAMP[theme]}
        breaks={CHANGE_BREAKS.map((value) => signed(100 * value, 0))}
        ends={['quicker', 'slower']}
      />
      {keys}
    </section>
  );
}
