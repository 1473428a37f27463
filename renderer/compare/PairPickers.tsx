import { ChevronDown } from 'lucide-react';
import type { ApiRunInfo } from '../api/types.ts';
import { fixed } from '../format/format.ts';
import { Popover } from '../shell/Popover.tsx';
import { type JudgedRun, judgedRun, type Pair, useCompare } from '../stores/compare.ts';
import { useRuns } from '../stores/runs.ts';
import { baselineName } from '../train/figures.ts';
import { digitsOf } from './digits.ts';
import { SideMark } from './SideMark.tsx';

const runOf = (runs: readonly ApiRunInfo[], id: number) => runs.find((run) => run.id === id);

/** Of a side of a pair; a baseline is called as beside the pair's run. */
export function nameOfSide(runs: readonly ApiRunInfo[], { a }: Pair, side: number | string): string {
  return typeof side === 'number'
    ? (runOf(runs, side)?.name ?? `run ${side}`)
    : baselineName(runOf(runs, a), side);
}

/** "MAE 91.3 s", "MAE 4.21 km/h, 15 min". */
function errorText(mae: number, { unit, minutes }: Pick<JudgedRun, 'unit' | 'minutes'>): string {
  return `MAE ${fixed(mae, digitsOf(unit))} ${unit}${minutes === null ? '' : `, ${minutes} min`}`;
}

/** Which two are compared; the second may be a baseline. */
export function PairPickers({ pair }: { pair: Pair }) {
  const choose = useCompare((state) => state.choose);
  const runs = useRuns((state) => state.runs);
  const first = runOf(runs, pair.a);
  const judged = first ? judgedRun(first) : null;
  const baselines = Object.entries(judged?.baselines ?? {})
    .sort(([, x], [, y]) => x - y)
    .map(([id, mae]) => ({ id, name: baselineName(first, id), note: errorText(mae, judged!) }));
  return (
    <>
      <SidePicker
        label="First run"
        side="a"
        value={pair.a}
        pair={pair}
        // Choosing the other one for this side swaps the two.
        choose={(a) => choose({ a: a as number, b: a === pair.b ? pair.a : pair.b })}
      />
      <span className="secondary">with</span>
      <SidePicker
        label="Compared with"
        side="b"
        value={pair.b}
        pair={pair}
        without={pair.a}
        choose={(b) => choose({ ...pair, b })}
        baselines={baselines}
      />
    </>
  );
}

function SidePicker({
  label,
  side,
  value,
  pair,
  without,
  choose,
  baselines = [],
}: {
  label: string;
  side: 'a' | 'b';
  value: number | string;
  pair: Pair;
  /** The run that stands on the other side. */
  without?: number;
  choose(value: number | string): void;
  baselines?: readonly { id: string; name: string; note: string }[];
}) {
  const runs = useRuns((state) => state.runs);
  const name = nameOfSide(runs, pair, value);
  const shown = runs.filter((run) => run.status === 'finished' && run.id !== without).toReversed();
  return (
    <Popover
      label={`${label}: ${name}`}
      button={
        <>
          <SideMark side={side} baseline={typeof value === 'string'} /> {name}{' '}
          <ChevronDown size={14} aria-hidden />
        </>
      }
    >
      {(close) => {
        const item = (id: number | string, text: string, note: string, enabled = true) => (
          <button
            key={id}
            type="button"
            role="menuitemradio"
            aria-checked={id === value}
            aria-disabled={!enabled}
            className="menu-item"
            onClick={() => {
              if (!enabled) return;
              choose(id);
              close();
            }}
          >
            <span className="nowrap">{text}</span>
            <span className="note">{note}</span>
          </button>
        );
        return (
          <>
            {shown.map((run) => {
              const judged = judgedRun(run);
              const note = judged ? errorText(judged.mae, judged) : 'not evaluated';
              return item(run.id, run.name, note, judged !== null);
            })}
            {baselines.length > 0 && <div className="menu-rule" />}
            {baselines.map((row) => item(row.id, row.name, row.note))}
          </>
        );
      }}
    </Popover>
  );
}
