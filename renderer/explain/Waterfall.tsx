import type { ApiExplanation } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { linear } from '../charts/scale.ts';
import { useWidth } from '../charts/useSize.ts';
import { fixed, signed } from '../format/format.ts';
import { useTheme } from '../theme/theme.ts';
import { LATER_RAMP, type Step, waterfall } from './contribution.ts';

const ROW_PX = 21;
const BAR_PX = 11;
const LABEL_PX = 122;
const VALUE_PX = 40;

/** What adds up to the ETA, a bar each, from the free flow down to the prediction. */
export function Waterfall({ why }: { why: ApiExplanation }) {
  const steps = waterfall(why);
  return (
    <Figure
      title="What adds up to it"
      quantity="min"
      xLabel="minutes"
      table={{
        head: ['what', 'min'],
        rows: steps.map((step) => [step.label, amount(step)]),
        exact: [
          ['Free flow', why.freeFlowS / 60],
          ['Slower roads', why.roadS / 60],
          ['Signals and turns', why.junctionsS / 60],
          ['Hour', why.hourS / 60],
          ['Usual at this hour', why.usualS / 60],
          ...why.inputs.map(({ label, seconds }): [string, number] => [label, seconds / 60]),
          ['Predicted', why.etaS / 60],
        ],
      }}
    >
      <Bars steps={steps} />
    </Figure>
  );
}

function Bars({ steps }: { steps: readonly Step[] }) {
  const [box, width] = useWidth<HTMLDivElement>();
  const ramp = LATER_RAMP[useTheme((state) => state.theme)];
  const colours = {
    start: 'var(--baseline)',
    usual: 'var(--baseline)',
    predicted: 'var(--accent)',
    more: ramp[5]!,
    less: ramp[1]!,
  };
  const most = Math.max(...steps.map(({ fromS, untilS }) => Math.max(fromS, untilS)));
  const least = Math.min(0, ...steps.map(({ fromS, untilS }) => Math.min(fromS, untilS)));
  const x = linear([least, most], [LABEL_PX, Math.max(LABEL_PX + 20, width - VALUE_PX)]);
  const label = steps.map((step) => `${step.label} ${amount(step)} min`).join(', ');
  return (
    <div ref={box} className="line-chart">
      {width > 0 && (
        <svg width={width} height={steps.length * ROW_PX} role="img" aria-label={label}>
          {steps.map((step, i) => {
            const y = i * ROW_PX;
            const [low, high] = [Math.min(step.fromS, step.untilS), Math.max(step.fromS, step.untilS)];
            const next = steps[i + 1];
            const isSum = step.kind === 'usual' || step.kind === 'predicted';
            const colour =
              step.kind === 'change'
                ? colours[step.untilS >= step.fromS ? 'more' : 'less']
                : colours[step.kind];
            return (
              <g key={step.label} className={isSum ? 'waterfall-sum' : 'waterfall-step'}>
                <text x={0} y={y + ROW_PX / 2} dy="0.35em">
                  {step.label}
                </text>
                <rect
                  x={x(low)}
                  width={Math.max(1, x(high) - x(low))}
                  y={y + (ROW_PX - BAR_PX) / 2}
                  height={BAR_PX}
                  fill={colour}
                />
                {next && (
                  <line
                    className="waterfall-link"
                    x1={x(step.untilS)}
                    x2={x(step.untilS)}
                    y1={y + (ROW_PX + BAR_PX) / 2}
                    y2={y + ROW_PX + (ROW_PX - BAR_PX) / 2}
                  />
                )}
                <text x={width} y={y + ROW_PX / 2} dy="0.35em" textAnchor="end">
                  {amount(step)}
                </text>
              </g>
            );
          })}
        </svg>
      )}
    </div>
  );
}

function amount({ kind, fromS, untilS }: Step): string {
  return kind === 'change' ? signed((untilS - fromS) / 60) : fixed(untilS / 60);
}
