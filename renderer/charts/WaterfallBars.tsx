import { linear } from './scale.ts';
import { useWidth } from './useSize.ts';

const ROW_PX = 21;
const BAR_PX = 11;
const LETTER_PX = 6.3;

/** A bar of a waterfall: from one running sum to the next, or from zero to a sum. */
export interface WaterfallStep {
  label: string;
  from: number;
  until: number;
  isSum: boolean;
  /** A CSS colour. */
  color: string;
  /** Its amount, at the right. */
  text: string;
}

interface WaterfallBarsProps {
  label: string;
  steps: readonly WaterfallStep[];
  /** Room for names at the left, and for amounts at the right. */
  labelPx: number;
  valuePx: number;
}

/** What adds up to a sum, a bar each, one under the other. */
export function WaterfallBars({ label, steps, labelPx, valuePx }: WaterfallBarsProps) {
  const [box, width] = useWidth<HTMLDivElement>();
  const most = Math.max(0, ...steps.map(({ from, until }) => Math.max(from, until)));
  const least = Math.min(0, ...steps.map(({ from, until }) => Math.min(from, until)));
  const x = linear([least, most], [labelPx, Math.max(labelPx + 20, width - valuePx)]);
  const letters = Math.floor(labelPx / LETTER_PX);
  return (
    <div ref={box} className="line-chart">
      {width > 0 && (
        <svg width={width} height={steps.length * ROW_PX} role="img" aria-label={label}>
          {steps.map((step, i) => {
            const y = i * ROW_PX;
            const [low, high] = [Math.min(step.from, step.until), Math.max(step.from, step.until)];
            const next = steps[i + 1];
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: two steps may have one name
              <g key={i} className={step.isSum ? 'waterfall-sum' : 'waterfall-step'}>
                <text x={0} y={y + ROW_PX / 2} dy="0.35em">
                  {step.label.length > letters ? `${step.label.slice(0, letters - 1)}…` : step.label}
                  <title>{step.label}</title>
                </text>
                <rect
                  x={x(low)}
                  width={Math.max(1, x(high) - x(low))}
                  y={y + (ROW_PX - BAR_PX) / 2}
                  height={BAR_PX}
                  fill={step.color}
                />
                {next && (
                  <line
                    className="waterfall-link"
                    x1={x(step.until)}
                    x2={x(step.until)}
                    y1={y + (ROW_PX + BAR_PX) / 2}
                    y2={y + ROW_PX + (ROW_PX - BAR_PX) / 2}
                  />
                )}
                <text x={width} y={y + ROW_PX / 2} dy="0.35em" textAnchor="end">
                  {step.text}
                </text>
              </g>
            );
          })}
        </svg>
      )}
    </div>
  );
}
