import { ChevronLeft, ChevronRight, Pause, Play } from 'lucide-react';
import { useRef } from 'react';
import { ChartExport } from '../charts/ChartExport.tsx';
import { LineChart, type XY } from '../charts/LineChart.tsx';
import { clock, day as dayLabel } from '../format/format.ts';
import { SMALL, useMedia } from '../shell/useMedia.ts';
import { STEP_MINUTES, useMap } from '../stores/map.ts';

const HOURS = Array.from({ length: 13 }, (_, i) => i * 120);

/** The axis of ratios from a tenth to a tenth that holds the curves. */
function stripRange(ratios: readonly number[]): [number, number] {
  const known = ratios.filter(Number.isFinite);
  if (known.length === 0) return [0, 1];
  return [Math.floor(10 * Math.min(...known) - 0.2) / 10, Math.ceil(10 * Math.max(...known) + 0.2) / 10];
}

/** Both ends, and the middle where it is a tenth too. */
function stripTicks(low: number, high: number): number[] {
  const tenths = Math.round(10 * (high - low));
  return tenths % 2 === 0 && tenths > 2 ? [low, (low + high) / 2, high] : [low, high];
}

/** The day as a curve of mean speed ratio, with a scrubber in steps of five minutes. */
export function TimeStrip() {
  const { day, curve, minute, playing, setMinute, step, togglePlay, layer, speed, horizonMinutes } = useMap();
  const ahead = layer === 'speed' && speed === 'predicted' ? horizonMinutes : 0;
  const predicted: XY[] = curve?.map((row) => [row.minute, row.predicted]) ?? [];
  const observed: XY[] = curve?.map((row) => [row.minute, row.observed ?? Number.NaN]) ?? [];
  const [low, high] = stripRange([...predicted, ...observed].map(([, value]) => value));
  const small = useMedia(SMALL);
  const drawing = useRef<HTMLDivElement>(null);
  const hasObserved = observed.some(([, value]) => Number.isFinite(value));

  return (
    <section className="time-strip" aria-label="Time of day" data-region="Time strip">
      <div className="time-controls">
        <div className="row">
          <button
            type="button"
            className="button icon small plain"
            aria-label="Back 5 minutes"
            onClick={() => step(-1)}
          >
            <ChevronLeft size={16} aria-hidden />
          </button>
          <button
            type="button"
            className="button icon small plain"
            aria-label={playing ? 'Pause' : 'Play the day'}
            onClick={togglePlay}
          >
            {playing ? <Pause size={15} aria-hidden /> : <Play size={15} aria-hidden />}
          </button>
          <button
            type="button"
            className="button icon small plain"
            aria-label="Forward 5 minutes"
            onClick={() => step(1)}
          >
            <ChevronRight size={16} aria-hidden />
          </button>
          <span className="secondary">{STEP_MINUTES} min step</span>
          <ChartExport
            title="Speed over the day"
            quantity={() => `mean speed ÷ free flow, ${dayLabel(day!)}`}
            xLabel="time of day"
            table={{
              head: ['time', 'predicted', 'observed'],
              rows: [],
              exact: (curve ?? []).map((row) => [clock(row.minute), row.predicted, row.observed]),
            }}
            keys={[
              { name: 'predicted', token: 'accent' },
              { name: 'observed', token: 'baseline' },
            ]}
            drawnIn={drawing}
            opens="above"
          />
        </div>
        <ul className="time-legend note">
          <li>
            <i className="line-key accent" /> predicted
          </li>
          <li>
            <i className="line-key" /> {hasObserved ? 'observed' : 'not observed'} · mean ratio
          </li>
        </ul>
      </div>
      <div className="time-chart" ref={drawing}>
        <LineChart
          label="Mean speed ratio over the day"
          height={small ? 52 : 86}
          leftPx={30}
          rightPx={26}
          bottomPx={small ? 24 : 28}
          yTicks={small ? [low, high] : stripTicks(low, high)}
          xDomain={[0, 1440]}
          yDomain={[low, high]}
          xTicks={HOURS.filter((hour) => Math.abs(hour - minute) > 55)}
          xFormat={(value) => (value === 1440 ? '24:00' : clock(value))}
          yFormat={(value) => value.toFixed(1)}
          series={[
            { name: 'observed', points: observed, color: 'var(--baseline)', width: 1 },
            { name: 'predicted', points: predicted, color: 'var(--accent)', width: 2 },
          ]}
        >
          {(x, _y, { bottom }) => (
            <g className="scrubber">
              {ahead > 0 && minute + ahead <= 1440 && (
                <line
                  className="scrubber-ahead"
                  x1={x(minute + ahead)}
                  x2={x(minute + ahead)}
                  y1={2}
                  y2={bottom}
                />
              )}
              <line x1={x(minute)} x2={x(minute)} y1={2} y2={bottom} />
              <rect x={x(minute) - 21} y={bottom + 4} width={42} height={18} rx={4} />
              <text x={x(minute)} y={bottom + 17} textAnchor="middle">
                {clock(minute)}
              </text>
            </g>
          )}
        </LineChart>
        <input
          type="range"
          className="time-range"
          aria-label="Time of day"
          aria-valuetext={clock(minute)}
          min={0}
          max={1435}
          step={STEP_MINUTES}
          value={minute}
          onChange={(event) => setMinute(Number(event.target.value))}
        />
      </div>
    </section>
  );
}
