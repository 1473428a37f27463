import { ChevronDown } from 'lucide-react';
import type { ApiRunInfo } from '../api/types.ts';
import { fixed } from '../format/format.ts';
import { Popover } from '../shell/Popover.tsx';
import { type Pair, useCompare } from '../stores/compare.ts';
import { useRuns } from '../stores/runs.ts';
import { BASELINES, baselineRows } from '../train/figures.ts';
import { SideMark } from './SideMark.tsx';

export function nameOfSide(runs: readonly ApiRunInfo[], side: number | string): string {
  return typeof side === 'number'
    ? (runs.find((run) => run.id === side)?.name ?? `run ${side}`)
    : (BASELINES[side]?.name ?? side);
}

/** Which two are compared; the second may be a baseline. */
export function PairPickers({ pair }: { pair: Pair }) {
  const choose = useCompare((state) => state.choose);
  const runs = useRuns((state) => state.runs);
  const evaluation = runs.find((run) => run.id === pair.a)?.evaluation ?? null;
  return (
    <>
      <SidePicker
        label="First run"
        side="a"
        value={pair.a}
        // Choosing the other one for this side swaps the two.
        choose={(a) => choose({ a: a as number, b: a === pair.b ? pair.a : pair.b })}
      />
      <span className="secondary">with</span>
      <SidePicker
        label="Compared with"
        side="b"
        value={pair.b}
        without={pair.a}
        choose={(b) => choose({ ...pair, b })}
        baselines={baselineRows(evaluation).toReversed()}
      />
    </>
  );
}

function SidePicker({
  label,
  side,
  value,
  without,
  choose,
  baselines = [],
}: {
  label: string;
  side: 'a' | 'b';
  value: number | string;
  /** The run that stands on the other side. */
  without?: number;
  choose(value: number | string): void;
  baselines?: ReturnType<typeof baselineRows>;
}) {
  const runs = useRuns((state) => state.runs);
  const name = nameOfSide(runs, value);
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
            {text}
            <span className="note">{note}</span>
          </button>
        );
        return (
          <>
            {shown.map((run) =>
              item(
                run.id,
                run.name,
                run.evaluation ? `MAE ${fixed(run.evaluation.metrics.maeS)} s` : 'not evaluated',
                run.evaluation !== null,
              ),
            )}
            {baselines.length > 0 && <div className="menu-rule" />}
            {baselines.map((row) => item(row.id, row.name, `MAE ${fixed(row.metrics.maeS)} s`))}
          </>
        );
      }}
    </Popover>
  );
}
