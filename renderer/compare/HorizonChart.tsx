import type { ApiRunComparison } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { LineChart, type XY } from '../charts/LineChart.tsx';
import { fixed } from '../format/format.ts';
import { namesPx, sideColour } from './SideMark.tsx';

type Row = NonNullable<ApiRunComparison['errorByHorizon']>[number];

const words = ({ fromMin, toMin }: Row) => (toMin === null ? `over ${fromMin}` : `${fromMin}–${toMin}`);

/** Mean absolute error of single segments by how long after the departure the trip enters them. */
export function HorizonChart({ answer, rows }: { answer: ApiRunComparison; rows: readonly Row[] }) {
  const { a, b } = answer;
  const line = (side: 'a' | 'b') => rows.map((row): XY => [row.fromMin, row[side]]);
  return (
    <Figure
      title="Error by horizon"
      quantity="MAE of a segment, s"
      xLabel="minutes after departure, from"
      xBelow
      table={{
        head: ['entered after, min', `${a.name}, s`, `${b.name}, s`, 'segments'],
        rows: rows.map((row) => [words(row), fixed(row.a, 2), fixed(row.b, 2), String(row.n)]),
        exact: rows.map((row) => [words(row), row.a, row.b, row.n]),
      }}
    >
      <LineChart
        label={`Mean absolute error of a segment by minutes after departure, ${a.name} and ${b.name}`}
        height={210}
        leftPx={32}
        rightPx={namesPx(a.name, b.name)}
        bottomPx={24}
        xTicks={rows.map(({ fromMin }) => fromMin)}
        xFormat={String}
        yFormat={(value) => fixed(value, 1)}
        series={[
          { name: b.name, points: line('b'), color: sideColour('b'), dash: '5 2', endLabel: b.name },
          { name: a.name, points: line('a'), color: sideColour('a'), endLabel: a.name },
        ]}
      />
    </Figure>
  );
}
