import type { ApiMetricPoint, ApiRunInfo } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { LineChart, type Series, type XY } from '../charts/LineChart.tsx';
import { type LearnedCurve, learnedCurves } from './figures.ts';

const COLORS = ['var(--run-1)', 'var(--run-2)', 'var(--run-3)', 'var(--run-4)'];

/** What MetaGradients have made of the learning rate and of the weights of the loss; nothing for a run without them. */
export function LearnedCurves({
  run,
  points,
  epochs,
  epochTicks,
}: {
  run: ApiRunInfo;
  points: readonly ApiMetricPoint[] | undefined;
  epochs: number;
  epochTicks: readonly number[];
}) {
  const learned = learnedCurves(run, points);
  if (!learned) return null;
  const axis = { epochs, epochTicks };
  return (
    <section className="curve-pair">
      <LogFigure title="Learning rate" quantity="learned" curves={[learned.rate]} {...axis} />
      {learned.weights.length > 0 && (
        <LogFigure title="Loss weights" quantity="learned ÷ given" curves={learned.weights} {...axis} />
      )}
    </section>
  );
}

/** Factors move by shares: the axis is logarithmic. */
function LogFigure({
  title,
  quantity,
  curves,
  epochs,
  epochTicks,
}: {
  title: string;
  quantity: string;
  curves: readonly LearnedCurve[];
  epochs: number;
  epochTicks: readonly number[];
}) {
  const short = (value: number) => String(Number(value.toPrecision(2)));
  const series = curves.map(
    ({ name, points }, i): Series => ({
      name,
      points: points.map(([epoch, value]): XY => [epoch, Math.log10(value)]),
      color: COLORS[i % COLORS.length]!,
      endLabel: curves.length > 1 ? name : short(points.at(-1)![1]),
    }),
  );
  return (
    <Figure
      title={title}
      quantity={quantity}
      table={{
        head: ['epoch', ...curves.map(({ name }) => name)],
        rows: curves[0]!.points.map(([epoch], row) => [
          String(epoch),
          ...curves.map(({ points }) => (points[row] ? short(points[row][1]) : '')),
        ]),
      }}
    >
      <LineChart
        label={`${title} by epoch`}
        height={124}
        leftPx={46}
        rightPx={curves.length > 1 ? 84 : 52}
        xDomain={[0, epochs]}
        yTickCount={3}
        xTicks={epochTicks}
        xFormat={String}
        yFormat={(exponent) => short(10 ** exponent)}
        series={series}
      />
    </Figure>
  );
}
