import { useState } from 'react';
import type { RecommendedItem } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { LineChart, type XY } from '../charts/LineChart.tsx';
import { niceRange, ticks } from '../charts/scale.ts';
import { useRecommend, useSystem } from '../stores/recommend.ts';
import { LabelledChoice } from './LabelledChoice.tsx';
import { cellText } from './Reports.tsx';

/** The score against another figure of the items, where they have any: what is given up for what. */
export function ScoreChart({ id, items }: { id: string; items: readonly RecommendedItem[] }) {
  const { item: chosen } = useSystem(id);
  const labels = [...new Set(items.flatMap(({ details }) => Object.keys(details)))].filter((label) =>
    items.every(({ details }) => typeof details[label] === 'number'),
  );
  const [picked, setPicked] = useState<string | null>(null);
  const label = labels.find((known) => known === picked) ?? labels[0];
  if (label === undefined || items.length < 2) return null;
  const points = items.map(({ details, score }): XY => [Number(details[label]), score]);
  const [x0, x1] = niceRange(Math.min(...points.map(([x]) => x)), Math.max(...points.map(([x]) => x)), 5);
  const [y0, y1] = niceRange(Math.min(...points.map(([, y]) => y)), Math.max(...points.map(([, y]) => y)), 4);
  return (
    <section className="score-chart" aria-label="Trade-off">
      {labels.length > 1 && (
        <div className="row judge-pick">
          <LabelledChoice
            label="Against"
            value={label}
            choices={labels.map((known) => ({ value: known }))}
            choose={setPicked}
          />
        </div>
      )}
      <Figure
        title={`Score against ${label}`}
        quantity="score"
        xLabel={label}
        xBelow
        table={{
          head: ['item', label, 'score'],
          rows: items.map(({ title, item, details, score }) => [
            title ?? item,
            cellText(details[label] ?? null),
            cellText(score),
          ]),
          exact: items.map(({ title, item, details, score }) => [
            title ?? item,
            details[label] ?? null,
            score,
          ]),
        }}
      >
        <LineChart
          label={`Score against ${label}, a mark for each of ${items.length} items`}
          height={260}
          leftPx={46}
          series={[{ name: 'items', points, color: 'transparent' }]}
          xDomain={[x0, x1]}
          yDomain={[y0, y1]}
          xTicks={ticks(x0, x1, 5)}
          xFormat={(value) => cellText(value)}
          yFormat={(value) => cellText(value)}
        >
          {(x, y) =>
            items.map(({ item, title }, i) => (
              // biome-ignore lint/a11y/noStaticElementInteractions: the list beside it is the way by keyboard
              <g
                key={item}
                className={item === chosen ? 'score-mark chosen' : 'score-mark'}
                onClick={() => void useRecommend.getState().select(id, item)}
              >
                <title>{title ?? item}</title>
                <circle cx={x(points[i]![0])} cy={y(points[i]![1])} r={9} />
                <text x={x(points[i]![0])} y={y(points[i]![1])} dy="0.35em" textAnchor="middle">
                  {i + 1}
                </text>
              </g>
            ))
          }
        </LineChart>
      </Figure>
    </section>
  );
}
