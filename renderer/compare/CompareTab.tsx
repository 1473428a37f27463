import { ArrowLeftRight, Map as MapIcon } from 'lucide-react';
import { useEffect } from 'react';
import { action } from '../actions/actions.ts';
import type { ApiRunComparison, ApiRunInfo } from '../api/types.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { Waiting } from '../shell/Waiting.tsx';
import { type Pair, pairOf, useCompare } from '../stores/compare.ts';
import { useMap } from '../stores/map.ts';
import { useProject } from '../stores/project.ts';
import { usableRuns, useRuns } from '../stores/runs.ts';
import { useShell } from '../stores/shell.ts';
import { configOf } from '../train/figures.ts';
import { CalibrationChart } from './CalibrationChart.tsx';
import { HorizonChart } from './HorizonChart.tsx';
import { HourChart } from './HourChart.tsx';
import { MetricsTable } from './MetricsTable.tsx';
import { nameOfSide, PairPickers } from './PairPickers.tsx';
import { SlicesTable } from './SlicesTable.tsx';
import { SpeedCoverage, SpeedErrors } from './SpeedCharts.tsx';
import { verdict } from './verdict.ts';
import { WhatDiffers } from './WhatDiffers.tsx';
import './compare.css';

/** Two runs, or a run and a baseline, side by side. */
export function CompareTab() {
  const { runs, problem: refused } = useRuns();
  const { chosen, choose } = useCompare();
  const pair = pairOf(runs, chosen);
  const hasTrips = useProject((state) => (state.project?.trips ?? 0) > 0);
  return (
    <>
      <header className="tab-header">
        <h1>Compare</h1>
        {pair && <PairPickers pair={pair} />}
        <span className="grow" />
        {pair && typeof pair.b === 'number' && (
          <>
            <button
              type="button"
              className="button"
              onClick={() => choose({ a: pair.b as number, b: pair.a })}
            >
              <ArrowLeftRight size={14} aria-hidden /> Swap
            </button>
            <button
              type="button"
              className="button"
              disabled={!hasTrips}
              title={hasTrips ? undefined : 'The difference is taken over trips, and there are none.'}
              onClick={() => {
                useMap.getState().showDifference(pair.a, pair.b as number);
                useShell.getState().go('map');
              }}
            >
              <MapIcon size={14} aria-hidden /> Difference on the map
            </button>
          </>
        )}
      </header>
      {refused && (
        <div className="compare-note">
          <ProblemNote problem={refused} />
        </div>
      )}
      {pair ? <Comparison pair={pair} /> : <NothingToCompare runs={runs} />}
    </>
  );
}

function Comparison({ pair }: { pair: Pair }) {
  const { answer, loading, problem, load } = useCompare();
  const runs = useRuns((state) => state.runs);
  // Another evaluation of either makes another comparison.
  const judged = JSON.stringify(
    runs
      .filter(({ id }) => id === pair.a || id === pair.b)
      .map(({ evaluation, speeds }) => evaluation ?? speeds?.evaluation),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again for another pair or other figures
  useEffect(() => void load(pair), [pair.a, pair.b, judged]);
  const isOfPair = answer?.a.runId === pair.a && (answer.b.runId ?? answer.b.name) === pair.b;
  if (problem)
    return (
      <div className="compare-note">
        <ProblemNote problem={problem} />
      </div>
    );
  if (!answer || !isOfPair)
    return (
      <div className="compare-note">{loading && <Waiting what="Comparing" since={loading.since} />}</div>
    );
  return <Answer answer={{ ...answer, b: { ...answer.b, name: nameOfSide(runs, pair, pair.b) } }} />;
}

function Answer({ answer }: { answer: ApiRunComparison }) {
  const { lead, rest } = verdict(answer);
  return (
    <div className="compare-page scroll" data-region="Comparison">
      <section className="compare-verdict">
        <p className="compare-sentence">
          <b>{lead}</b> {rest}
        </p>
        <MetricsTable answer={answer} />
      </section>
      <section className="compare-settings">
        <WhatDiffers answer={answer} />
        {!answer.sameTrips && <EvaluateAlike answer={answer} />}
      </section>
      {answer.speedsByHorizon ? (
        <SpeedPlots answer={answer} horizons={answer.speedsByHorizon} />
      ) : (
        <TimePlots answer={answer} />
      )}
    </div>
  );
}

function TimePlots({ answer }: { answer: ApiRunComparison }) {
  const { errorByHorizon } = answer;
  const place = errorByHorizon ? 'compare-third' : 'compare-half';
  return (
    <>
      <section className={place}>
        <CalibrationChart answer={answer} />
      </section>
      {errorByHorizon && (
        <section className={place}>
          <HorizonChart answer={answer} rows={errorByHorizon} />
        </section>
      )}
      <section className={place}>
        <HourChart answer={answer} />
      </section>
      <section className="compare-whole">
        <SlicesTable answer={answer} />
      </section>
    </>
  );
}

type SpeedHorizons = NonNullable<ApiRunComparison['speedsByHorizon']>;

function SpeedPlots({ answer: { a, b }, horizons }: { answer: ApiRunComparison; horizons: SpeedHorizons }) {
  return (
    <>
      <section className="compare-half">
        <SpeedErrors a={a} b={b} horizons={horizons} />
      </section>
      <section className="compare-half">
        <SpeedCoverage a={a} b={b} horizons={horizons} />
      </section>
    </>
  );
}

/** Both on the days that neither was trained on. */
function EvaluateAlike({ answer }: { answer: ApiRunComparison }) {
  const runs = useRuns((state) => state.runs);
  const both = runs.filter(({ id }) => id === answer.a.runId || id === answer.b.runId);
  const from = both
    .map((run) => configOf(run).until)
    .filter((until) => until !== undefined)
    .sort()
    .at(-1);
  if (both.length < 2 || !from) return null;
  return (
    <button
      type="button"
      className="button"
      onClick={() => {
        for (const { id } of both) void useRuns.getState().evaluate(id, from);
      }}
    >
      Evaluate both from {from}
    </button>
  );
}

function NothingToCompare({ runs }: { runs: readonly ApiRunInfo[] }) {
  const ready = usableRuns(runs).at(-1);
  return (
    <section className="nothing-yet">
      <h2 className="object-title">Nothing to compare yet</h2>
      <p className="secondary">
        A comparison needs a run that was evaluated on its test days: it stands beside another such run, or
        beside a baseline. An evaluation takes about a minute.
      </p>
      {ready ? (
        <button
          type="button"
          className="button primary"
          onClick={() => void useRuns.getState().evaluate(ready.id)}
        >
          Evaluate {ready.name}
        </button>
      ) : (
        <button type="button" className="button primary" onClick={() => action('train.new').run()}>
          New run
        </button>
      )}
    </section>
  );
}
