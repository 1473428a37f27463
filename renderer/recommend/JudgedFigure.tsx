import { useId, useState } from 'react';
import type { ApiRecommender, ApiRunInfo, StoredRanking } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { type Interval, IntervalChart } from '../charts/IntervalChart.tsx';
import { baselineName, figureName, figureNames, figureText, lowerIsBetter } from './figures.ts';

interface JudgedFigureProps {
  info: ApiRecommender;
  run: ApiRunInfo;
  ranking: StoredRanking;
}

/** One figure of the run and of its baselines on one axis, with 95 % intervals. */
export function JudgedFigure({ info, run, ranking }: JudgedFigureProps) {
  const id = useId();
  const names = figureNames(ranking);
  const [figure, setFigure] = useState(names[0] ?? ranking.judgedBy);
  const rows: Interval[] = [
    { name: run.name, bounds: ranking.figures[figure], main: true },
    ...Object.entries(ranking.baselines).map(([baseline, { figures }]) => ({
      name: baselineName(info, baseline),
      bounds: figures[figure],
      main: false,
    })),
  ].flatMap(({ name, bounds, main }) => (bounds ? [{ name, main, ...bounds }] : []));
  rows.sort((a, b) => (lowerIsBetter(figure) ? a.value - b.value : b.value - a.value));
  const better = lowerIsBetter(figure) ? 'lower is better' : 'higher is better';
  return (
    <>
      <div className="row judge-pick">
        <label htmlFor={id} className="secondary">
          Figure
        </label>
        <select
          id={id}
          className="input judge-select"
          value={figure}
          onChange={(event) => setFigure(event.target.value)}
        >
          {names.map((name) => (
            <option key={name} value={name}>
              {figureName(name)}
              {name === ranking.judgedBy ? ', counts most' : ''}
            </option>
          ))}
        </select>
      </div>
      <Figure
        title={figureName(figure)}
        quantity={`mean and 95 % interval, ${better}`}
        xLabel={figureName(figure)}
        table={{
          head: ['of', 'mean', 'from', 'to'],
          rows: rows.map(({ name, value, low, high }) => [
            name,
            figureText(value),
            figureText(low),
            figureText(high),
          ]),
          exact: rows.map(({ name, value, low, high }) => [name, value, low, high]),
        }}
      >
        <IntervalChart
          label={`${figureName(figure)}: ${rows.map(({ name, value }) => `${name} ${figureText(value)}`).join(', ')}`}
          rows={rows}
          format={figureText}
        />
      </Figure>
    </>
  );
}
