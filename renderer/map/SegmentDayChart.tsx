import type { ApiSegmentDay, ApiSegmentInfo } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { LineChart, type XY } from '../charts/LineChart.tsx';
import { clock, count, day as dayLabel, fixed } from '../format/format.ts';
import { useMap } from '../stores/map.ts';

/** What is slower than so many times the usual range is drawn at the top of the chart. */
const TOP_FACTOR = 1.25;
const STEP_MINUTES = 15;

/** Seconds on the segment over a day: each traversal or observation as a dot, the usual range of such days, the prediction and free flow. */
export function SegmentDayChart({
  segment,
  day,
  answer,
}: {
  segment: ApiSegmentInfo;
  day: string;
  answer: ApiSegmentDay;
}) {
  const minute = useMap((state) => state.minute);
  const { freeFlowS, observed, predicted, usual } = answer;
  const line = predicted.map((row): XY => [row.minute, row.seconds]);
  const typical = Math.max(freeFlowS, ...line.map(([, s]) => s), ...usual.map((row) => row.highS));
  const top = TOP_FACTOR * typical;
  return (
    <Figure
      title="Over the day"
      quantity={`seconds, ${dayLabel(day)}`}
      xLabel={`time of entry, ${segment.name || segment.ref}`}
      keys={[
        { name: 'predicted', token: 'accent' },
        { name: 'observed', token: 'text' },
        { name: '10–90 %', token: 'line-strong' },
        { name: 'free flow', token: 'baseline' },
      ]}
      table={{
        head: ['time', 'predicted', 'usual median', 'usual 10 %', 'usual 90 %', 'observed on such days'],
        rows: steps(answer).map(({ at, p, u }) => [
          clock(at),
          p === null ? '' : fixed(p),
          u ? fixed(u.medianS) : '',
          u ? fixed(u.lowS) : '',
          u ? fixed(u.highS) : '',
          count(u?.count ?? 0),
        ]),
        exact: steps(answer).map(({ at, p, u }) => [
          clock(at),
          p,
          u?.medianS ?? null,
          u?.lowS ?? null,
          u?.highS ?? null,
          u?.count ?? 0,
        ]),
      }}
    >
      <LineChart
        label={`Seconds on the segment over the day: ${count(observed.length)} observed on ${dayLabel(day)}`}
        height={158}
        leftPx={30}
        rightPx={6}
        bottomPx={24}
        xDomain={[0, 1440]}
        yDomain={[0, top]}
        xTicks={[0, 360, 720, 1080, 1440]}
        xFormat={(value) => (value === 1440 ? '24:00' : clock(value))}
        yFormat={(value) => fixed(value, 0)}
        rules={[{ y: freeFlowS, label: '' }]}
        series={[{ name: 'predicted', points: line, color: 'var(--accent)', width: 2 }]}
        cursor={{ x: minute }}
      >
        {(x, y) => (
          <g>
            {/* Bars, not a band: where nobody drove for a while there is nothing to join. */}
            <g className="segment-usual">
              {usual.map((row) => (
                <rect
                  key={row.minute}
                  x={x(row.minute - STEP_MINUTES / 2)}
                  width={x(STEP_MINUTES) - x(0)}
                  y={y(Math.min(row.highS, top))}
                  height={Math.max(1, y(row.lowS) - y(Math.min(row.highS, top)))}
                >
                  <title>{`${clock(row.minute - STEP_MINUTES / 2)}: ${fixed(row.lowS)}–${fixed(row.highS)} s, ${count(row.count)} observed`}</title>
                </rect>
              ))}
            </g>
            <g className="segment-dots">
              {observed.map((row) => (
                <circle
                  key={`${row.minute} ${row.seconds}`}
                  cx={x(row.minute)}
                  cy={y(Math.min(row.seconds, top))}
                  r={2.4}
                >
                  <title>{`${clock(row.minute)}: ${fixed(row.seconds)} s`}</title>
                </circle>
              ))}
            </g>
          </g>
        )}
      </LineChart>
      <ul className="chart-key note">
        <li>
          <i className="line-key accent" /> predicted
        </li>
        <li>
          <i className="dot-key" /> {count(observed.length)} observed
        </li>
        <li>
          <i className="band-key" /> 10–90 %, such days
        </li>
        <li>
          <i className="line-key dashed" /> free flow {fixed(freeFlowS, 0)} s
        </li>
      </ul>
    </Figure>
  );
}

/** Predictions and usual quantiles side by side, a row for each quarter of an hour that has either. */
function steps({ predicted, usual }: ApiSegmentDay) {
  const stepOf = (minute: number) => Math.floor(minute / STEP_MINUTES);
  const byStep = new Map(usual.map((row) => [stepOf(row.minute), row]));
  const known = new Map(predicted.map((row) => [stepOf(row.minute), row.seconds]));
  return Array.from({ length: 96 }, (_, step) => ({
    at: step * STEP_MINUTES,
    p: known.get(step) ?? null,
    u: byStep.get(step),
  })).filter(({ p, u }) => p !== null || u);
}
