import type { ApiRouteAnswer } from '../api/types.ts';
import { ChartExport } from '../charts/ChartExport.tsx';
import { linear, spreadLabels, ticks } from '../charts/scale.ts';
import { useWidth } from '../charts/useSize.ts';
import { minutes } from '../format/format.ts';

const AXIS_Y = 42;
/** Of the labels, which are set in 11 pixels: a letter, and the room between two labels. */
const [LETTER_PX, BETWEEN_PX] = [6.2, 10];

/** Median, 80 % interval and the two baselines on one axis of minutes. */
export function IntervalAxis({ answer }: { answer: ApiRouteAnswer }) {
  const [box, width] = useWidth<HTMLDivElement>();
  const all = [answer.etaS, answer.lowS, answer.highS, answer.freeFlowS, answer.historicalS].map(
    (s) => s / 60,
  );
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const pad = Math.max(1, (high - low) * 0.12);
  const domain = [Math.max(0, low - pad), high + pad] as const;
  const x = linear(domain, [4, Math.max(10, width - 4)]);
  const marks = [
    { text: `free flow ${minutes(answer.freeFlowS)}`, at: answer.freeFlowS / 60, main: false },
    { text: minutes(answer.etaS), at: answer.etaS / 60, main: true },
    { text: `hour-of-week ${minutes(answer.historicalS)}`, at: answer.historicalS / 60, main: false },
  ];
  // Names that would touch move apart; each stays over its own tick as far as there is room.
  const labelX = spreadLabels(
    marks.map((mark) => x(mark.at)),
    marks.map((mark) => LETTER_PX * mark.text.length + BETWEEN_PX),
    [0, width],
  );
  const values = ticks(domain[0], domain[1], 6);
  const label = `${minutes(answer.etaS)} min, 80 % between ${minutes(answer.lowS)} and ${minutes(answer.highS)}; free flow ${minutes(answer.freeFlowS)}, hour of week ${minutes(answer.historicalS)}`;

  return (
    <div ref={box} className="line-chart interval-axis">
      <span className="interval-tools">
        <ChartExport
          title="Travel time and interval"
          quantity={() => `departing ${answer.depart.replace('T', ' ')}`}
          xLabel="minutes"
          table={{
            head: ['what', 'seconds'],
            rows: [],
            exact: [
              ['median', answer.etaS],
              ['10 %', answer.lowS],
              ['90 %', answer.highS],
              ['free flow', answer.freeFlowS],
              ['hour-of-week', answer.historicalS],
            ],
          }}
          drawnIn={box}
        />
      </span>
      {width > 0 && (
        <svg width={width} height={62} role="img" aria-label={label}>
          <rect
            className="interval-band"
            x={x(answer.lowS / 60)}
            width={x(answer.highS / 60) - x(answer.lowS / 60)}
            y={26}
            height={12}
          />
          {[answer.lowS, answer.highS].map((end) => (
            <line key={end} className="interval-end" x1={x(end / 60)} x2={x(end / 60)} y1={25} y2={39} />
          ))}
          {marks.map((mark, i) => (
            <g key={mark.text} className={mark.main ? 'interval-mark median' : 'interval-mark'}>
              <text x={labelX[i]} y={14} textAnchor="middle">
                {mark.text}
              </text>
              <line x1={x(mark.at)} x2={x(mark.at)} y1={22} y2={AXIS_Y} />
            </g>
          ))}
          <g className="chart-grid">
            <line x1={0} x2={width} y1={AXIS_Y} y2={AXIS_Y} />
            {values.map((value, i) => (
              <text key={value} x={x(value)} y={AXIS_Y + 15} textAnchor="middle">
                {i === values.length - 1 ? `${value} min` : value}
              </text>
            ))}
          </g>
        </svg>
      )}
    </div>
  );
}
