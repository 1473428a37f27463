import type { ApiMetricPoint, ApiRunInfo } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { LineChart } from '../charts/LineChart.tsx';
import { curve, plannedEpochs } from '../train/figures.ts';
import { Loss, useFollowedPoints, wholeEpochs } from '../train/RunCurves.tsx';
import { figureName, figureText, lowerIsBetter } from './figures.ts';

/** Figures on what training kept for validation are named so. */
const VALIDATION = 'val ';
/** The one that counts most, and others. */
const USUAL = 'ndcg@10';
const SHOWN = 4;

/** How a run learns: its loss, and its figures on validation where it keeps any. */
export function RecommenderCurves({ run }: { run: ApiRunInfo }) {
  const points = useFollowedPoints(run);
  const loss = curve(points, 'loss');
  const names = validationNames(points, run.ranking?.judgedBy ?? USUAL);
  const epochs = Math.max(plannedEpochs(run) ?? 1, ...loss.map(([epoch]) => epoch), 1);
  if (loss.length === 0)
    return (
      <section>
        <h3>Loss</h3>
        <p className="secondary">
          {run.status === 'running' ? 'The first epoch is not over yet.' : 'No epoch was finished.'}
        </p>
      </section>
    );
  return (
    <>
      <section>
        <Loss points={points} epochs={epochs} />
      </section>
      {names.length > 0 && (
        <section>
          <p className="note recommend-curves-note">
            On what training keeps for validation; the best epoch’s weights are kept.
          </p>
          <div className="curve-pair recommend-curves">
            {names.slice(0, SHOWN).map((name) => (
              <Validation key={name} name={name} points={curve(points, name)} epochs={epochs} />
            ))}
          </div>
        </section>
      )}
      {names.length === 0 && (
        <section>
          <p className="note">
            Nothing is kept for validation, so training ends after its epochs. A validation share above 0 ends
            it when its figures no longer improve.
          </p>
        </section>
      )}
    </>
  );
}

/** The figure that counts most first. */
function validationNames(points: readonly ApiMetricPoint[] | undefined, first: string): string[] {
  const names = [...new Set(points?.map(({ name }) => name))].filter((name) => name.startsWith(VALIDATION));
  return names.sort((a, b) => Number(b === VALIDATION + first) - Number(a === VALIDATION + first));
}

interface ValidationProps {
  name: string;
  points: ReturnType<typeof curve>;
  epochs: number;
}

function Validation({ name, points, epochs }: ValidationProps) {
  const figure = name.slice(VALIDATION.length);
  const best = points.reduce((one, other) =>
    (lowerIsBetter(figure) ? other[1] < one[1] : other[1] > one[1]) ? other : one,
  );
  return (
    <Figure
      title={figureName(figure)}
      quantity={`best ${figureText(best[1])} at ${best[0]}`}
      xLabel="epoch"
      table={{
        head: ['epoch', figureName(figure)],
        rows: points.map(([epoch, value]) => [String(epoch), figureText(value)]),
        exact: points.map(([epoch, value]) => [epoch, value]),
      }}
    >
      <LineChart
        label={`${figureName(figure)} on validation by epoch: best ${figureText(best[1])} at epoch ${best[0]}`}
        height={150}
        leftPx={46}
        xDomain={[0, epochs]}
        yTickCount={3}
        xTicks={wholeEpochs(epochs)}
        xFormat={String}
        xUnit="epoch"
        bottomPx={34}
        yFormat={figureText}
        series={[{ name: figure, points, color: 'var(--run-1)', width: 2 }]}
      >
        {(x, y) => (
          <circle
            cx={x(best[0])}
            cy={y(best[1])}
            r={4}
            fill="var(--panel)"
            stroke="var(--run-1)"
            strokeWidth={2}
          />
        )}
      </LineChart>
    </Figure>
  );
}
