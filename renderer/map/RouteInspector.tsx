import { RotateCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { action } from '../actions/actions.ts';
import type { ApiRouteAnswer } from '../api/types.ts';
import { ExplainView } from '../explain/ExplainView.tsx';
import { copyText } from '../export/save.ts';
import {
  ago,
  clock,
  day as dayLabel,
  fixed,
  kilometres,
  minuteOf,
  minuteRange,
  minutes,
  percent,
  signed,
} from '../format/format.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { Waiting } from '../shell/Waiting.tsx';
import { useExplain } from '../stores/explain.ts';
import { useMap } from '../stores/map.ts';
import { isStale, useRoute } from '../stores/route.ts';
import { usableRuns, useRuns } from '../stores/runs.ts';
import { useShell } from '../stores/shell.ts';
import { DataTable } from '../table/DataTable.tsx';
import { useTheme } from '../theme/theme.ts';
import { IntervalAxis } from './IntervalAxis.tsx';
import { RouteForm } from './RouteForm.tsx';
import { SPEED_RAMP, speedClass } from './ramp.ts';
import { TimeDistance } from './TimeDistance.tsx';

/** Snapping further than this is worth a word. */
const FAR_SNAP_M = 100;

export function RouteInspector() {
  const { answer, loading, problem, a, b } = useRoute();
  const runId = useMap((state) => state.runId);
  const explained = useExplain((state) => state.open);
  return (
    <>
      <div className="scroll inspector-scroll">
        <RouteForm />
        {runId === null && <NeedsRun />}
        {runId !== null && !a && !b && (
          <p className="inspector-empty secondary">
            Set two points: press <kbd className="key">A</kbd> and click the map, then{' '}
            <kbd className="key">B</kbd>.
          </p>
        )}
        {loading && (
          <div className="inspector-note">
            <Waiting what="Searching the fastest way" since={loading.since} />
          </div>
        )}
        {problem && (
          <div className="inspector-note">
            <ProblemNote problem={problem} />
          </div>
        )}
        {answer && (explained ? <ExplainView /> : <Answer answer={answer} />)}
      </div>
      {answer && <Foot />}
    </>
  );
}

function NeedsRun() {
  const runs = usableRuns(useRuns((state) => state.runs));
  const newest = runs.at(-1);
  return (
    <div className="inspector-empty">
      <p className="secondary">
        A travel time needs a trained run; the map shows the historical profile now.
      </p>
      {newest ? (
        <button type="button" className="button small" onClick={() => useMap.getState().preferRun(newest.id)}>
          Use {newest.name}
        </button>
      ) : (
        <button type="button" className="button small" onClick={() => useShell.getState().go('train')}>
          Train a run
        </button>
      )}
    </div>
  );
}

function Answer({ answer }: { answer: ApiRouteAnswer }) {
  const clockAt = (seconds: number) => clock(minuteOf(answer.depart) + seconds / 60);
  return (
    <>
      <section>
        <Stale />
        <div className="spread">
          <p className="answer">
            {answer.arriveBy ? (
              <>
                Leave {clockAt(0)} <small>{minutes(answer.etaS)} min</small>
              </>
            ) : (
              <>
                {minutes(answer.etaS)} min <small>arrive {clockAt(answer.etaS)}</small>
              </>
            )}
          </p>
          <span className="secondary">{kilometres(answer.distanceM)} km</span>
        </div>
        {answer.arriveBy && <LeavingTimes arriveBy={answer.arriveBy} shown={answer.depart} />}
        <p className="secondary">
          8 of 10 trips like this take {minuteRange(answer.lowS, answer.highS)} min ({clockAt(answer.lowS)}–
          {clockAt(answer.highS)})
        </p>
        <IntervalAxis answer={answer} />
        <Snapped answer={answer} />
      </section>
      <section>
        <TimeDistance answer={answer} />
      </section>
      <Stretches answer={answer} />
      {answer.alternatives.length > 0 && <Others answer={answer} />}
    </>
  );
}

/** When to leave for each chance of being on time; rounded down to the minute, so that no chance gets smaller. */
function LeavingTimes({
  arriveBy: { time, leaving },
  shown,
}: {
  arriveBy: NonNullable<ApiRouteAnswer['arriveBy']>;
  shown: string;
}) {
  return (
    <DataTable
      label={`Leaving times for ${time.slice(11, 16)}`}
      className="tight leaving"
      rows={leaving}
      rowKey={({ share }) => share}
      rowProps={({ depart }) => (depart === shown ? { className: 'strong' } : {})}
      columns={[
        {
          id: 'share',
          head: `On time at ${time.slice(11, 16)}`,
          value: ({ share }) => share,
          cell: ({ share }) => `${percent(share)} of trips`,
        },
        { id: 'depart', head: 'Leave at', numeric: true, value: ({ depart }) => depart.slice(11, 16) },
        {
          id: 'before',
          head: 'Before, min',
          numeric: true,
          className: 'secondary',
          value: ({ depart }) => minutesBetween(depart, time),
          cell: ({ depart }) => fixed(minutesBetween(depart, time)),
        },
      ]}
    />
  );
}

const minutesBetween = (from: string, until: string): number =>
  (Date.parse(`${until}Z`) - Date.parse(`${from}Z`)) / 60_000;

/** An answer for another time or run stays, dated, until it is computed again. */
function Stale() {
  const answerFor = useRoute((state) => state.answerFor);
  const { runId, day, minute } = useMap();
  const runs = useRuns((state) => state.runs);
  if (!answerFor || !isStale(answerFor, { runId, day, minute })) return null;
  const run = runs.find(({ id }) => id === answerFor.runId)?.name ?? `run ${answerFor.runId}`;
  return (
    <div className="stale" role="status">
      <span className="grow">
        For {answerFor.timing === 'arrive' && 'arrival '}
        {dayLabel(answerFor.at.slice(0, 10))} {answerFor.at.slice(11, 16)} by {run},{' '}
        {ago(new Date(answerFor.computedAt).toISOString())}
      </span>
      <button type="button" className="button small" onClick={() => void useRoute.getState().compute()}>
        <RotateCw size={12} aria-hidden /> Recompute
      </button>
    </div>
  );
}

function Snapped({ answer }: { answer: ApiRouteAnswer }) {
  const far = (['A', 'B'] as const).filter((_, i) => answer.snapM[i]! > FAR_SNAP_M);
  if (far.length === 0) return null;
  const metres = (end: 'A' | 'B') => `${Math.round(answer.snapM[end === 'A' ? 0 : 1])} m`;
  return (
    <p className="note">
      {far.map((end) => `${end} lies ${metres(end)} from the nearest road`).join('; ')}; the way there is not
      counted.
    </p>
  );
}

const SHOWN_STRETCHES = 4;

function Stretches({ answer }: { answer: ApiRouteAnswer }) {
  const ramp = SPEED_RAMP[useTheme((state) => state.theme)];
  return (
    <section>
      <DataTable
        label="Where the time goes"
        title={<h3>Where the time goes</h3>}
        note="against free flow"
        className="tight stretches"
        rows={answer.stretches}
        rowKey={(stretch) => `${stretch.name} ${answer.stretches.indexOf(stretch)}`}
        limit={SHOWN_STRETCHES}
        columns={[
          {
            id: 'road',
            head: 'Road',
            value: (stretch) => stretch.name || 'Unnamed roads',
            cell: (stretch) => (
              <span className="row">
                <i className="swatch" style={{ background: ramp[speedClass(stretch.ratio)] }} />
                <span className="ellipsis">{stretch.name || 'Unnamed roads'}</span>
              </span>
            ),
          },
          {
            id: 'length',
            head: 'km',
            numeric: true,
            className: 'secondary',
            value: (stretch) => stretch.lengthM / 1000,
            cell: (stretch) => kilometres(stretch.lengthM),
          },
          {
            id: 'time',
            head: 'min',
            numeric: true,
            value: (stretch) => stretch.timeS / 60,
            cell: (stretch) => minutes(stretch.timeS),
          },
          {
            id: 'delay',
            head: 'delay',
            numeric: true,
            className: 'strong',
            value: (stretch) => stretch.delayS / 60,
            cell: (stretch) => signed(stretch.delayS / 60),
          },
        ]}
      />
    </section>
  );
}

function Others({ answer }: { answer: ApiRouteAnswer }) {
  return (
    <section>
      <DataTable
        label="Other routes"
        title={<h3>Other routes</h3>}
        note="same departure"
        className="tight"
        rows={answer.alternatives}
        rowKey={(other) => `${other.via} ${other.etaS}`}
        columns={[
          { id: 'via', head: 'By', value: (other) => other.via || 'Another way' },
          {
            id: 'length',
            head: 'km',
            numeric: true,
            className: 'secondary',
            value: (other) => other.distanceM / 1000,
            cell: (other) => kilometres(other.distanceM),
          },
          {
            id: 'eta',
            head: 'min',
            numeric: true,
            className: 'strong',
            value: (other) => other.etaS / 60,
            cell: (other) => minutes(other.etaS),
          },
          {
            id: 'range',
            head: '8 of 10',
            numeric: true,
            className: 'secondary',
            value: (other) => minuteRange(other.lowS, other.highS),
          },
        ]}
      />
    </section>
  );
}

function Foot() {
  const [copied, setCopied] = useState(false);
  const { answer, clear, compute } = useRoute();
  const explained = useExplain((state) => state.open);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another answer has not been copied
  useEffect(() => setCopied(false), [answer]);
  const copy = () => {
    if (!answer) return;
    const text = `${minutes(answer.etaS)} min (80 %: ${minuteRange(answer.lowS, answer.highS)} min), ${kilometres(answer.distanceM)} km, departing ${answer.depart}`;
    void copyText(text).then(setCopied);
  };
  return (
    <footer className="inspector-foot">
      <button type="button" className="button primary" onClick={() => action('route.explain').run()}>
        {explained ? 'Back to the route' : 'Why this ETA'} <kbd className="key">E</kbd>
      </button>
      <button type="button" className="button" onClick={() => void compute()}>
        Recompute <kbd className="key">R</kbd>
      </button>
      <button type="button" className="button" onClick={clear}>
        Clear
      </button>
      <span className="grow" />
      <button type="button" className="button plain" onClick={copy}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </footer>
  );
}
