import { useState } from 'react';
import type { ApiRecommender, ApiRunInfo, StoredRanking } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { type Interval, IntervalChart } from '../charts/IntervalChart.tsx';
import { baselineName, figureName, figureNames, figureText, lowerIsBetter } from './figures.ts';
import { LabelledChoice } from './LabelledChoice.tsx';

interface JudgedFigureProps {
  info: ApiRecommender;
  run: ApiRunInfo;
  ranking: StoredRanking;
}

/** One figure of the run and of its baselines on one axis, with 95 % intervals. */
export function JudgedFigure({ info, run, ranking }: JudgedFigureProps) {
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
        <LabelledChoice
          label="Figure"
          value={figure}
          choices={names.map((name) => ({
            value: name,
            text: `${figureName(name)}${name === ranking.judgedBy ? ', counts most' : ''}`,
          }))}
          choose={setFigure}
        />
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
