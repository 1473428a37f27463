import { plural } from '@etalon/core/base/words';
import { useEffect, useId, useState } from 'react';
import { action } from '../actions/actions.ts';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import type { ApiInteractionSummary, ApiNodeList, ApiRecommender } from '../api/types.ts';
import { count, fixed, percent } from '../format/format.ts';
import { CallWaiting } from '../shell/CallWaiting.tsx';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { useRecommend, useSystem } from '../stores/recommend.ts';
import { DataTable } from '../table/DataTable.tsx';
import { DegreeChart, EdgesOverTime } from './DataCharts.tsx';
import { type Learns, SPLITS } from './learns.ts';

const MOST_POPULAR = 100;

/** What is learned from, and what is held out to be judged by. */
export function DataStep({ info, learns }: { info: ApiRecommender; learns: Learns }) {
  const { summary, summaryOf, summarising, summaryProblem } = useSystem(info.id);
  const key = JSON.stringify(learns);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again for another choice
  useEffect(() => void useRecommend.getState().summarise(info.id, learns), [info.id, key]);
  const isOld = summary !== null && summaryOf !== key;
  return (
    <div className="data-page scroll" data-region="Data">
      <SplitForm id={info.id} learns={learns} summary={isOld ? null : summary} />
      {summaryProblem && <ProblemNote problem={summaryProblem} />}
      {summarising && (
        <CallWaiting
          title="Looking through the interactions"
          call={summarising}
          cancel={() => useRecommend.getState().patch(info.id, { summarising: null })}
        />
      )}
      {summary && (
        <div className={isOld ? 'recommend-data stale' : 'recommend-data'}>
          <Tiles summary={summary} edges={learns.edges} />
          <div className="recommend-charts">
            {summary.overTime && <EdgesOverTime time={summary.overTime} edges={learns.edges} />}
            <DegreeChart of={summary.from} way="from" other={summary.to.type} buckets={summary.fromDegrees} />
            <DegreeChart of={summary.to} way="to" other={summary.from.type} buckets={summary.toDegrees} />
          </div>
          <div className="recommend-columns">
            <Popular learns={learns} />
            <Features summary={summary} />
          </div>
        </div>
      )}
    </div>
  );
}

interface SplitFormProps {
  id: string;
  learns: Learns;
  summary: ApiInteractionSummary | null;
}

/** How edges are held out, for runs trained from now on. */
function SplitForm({ id, learns, summary }: SplitFormProps) {
  const field = useId();
  const { choose, go } = useRecommend.getState();
  const isTimed = summary === null || summary.overTime !== null;
  const split = SPLITS.find((known) => known.id === learns.split);
  return (
    <section className="recommend-split" aria-label="Held out">
      <div className="field">
        <label htmlFor={`${field}-way`}>Held out for judging</label>
        <select
          id={`${field}-way`}
          className="input"
          value={learns.split}
          onChange={(event) => choose(id, { split: event.target.value as Learns['split'] })}
        >
          {SPLITS.map((known) => (
            <option key={known.id} value={known.id} disabled={known.timed && !isTimed}>
              {known.label}
              {known.timed && !isTimed ? ': no times are known' : ''}
            </option>
          ))}
        </select>
        <span className="note">{split?.help}</span>
      </div>
      <div className="field">
        <label htmlFor={`${field}-share`}>
          Share <span className="note">% of the edges</span>
        </label>
        <input
          id={`${field}-share`}
          className="input"
          type="number"
          min={1}
          max={90}
          value={Math.round(learns.test * 100)}
          disabled={learns.split === 'leaveOneOut'}
          onChange={(event) => {
            const share = Number(event.target.value) / 100;
            if (share >= 0.01 && share <= 0.9) choose(id, { test: share });
          }}
        />
        <span className="note">
          {summary?.heldOut
            ? `${count(summary.heldOut.test)} edges of ${count(summary.heldOut.asked)} ${plural(summary.from.type)}`
            : (summary?.problem ?? '\u00a0')}
        </span>
      </div>
      <span className="grow" />
      <button type="button" className="button" onClick={() => action('data.interactions').run()}>
        Import more
      </button>
      <button type="button" className="button primary" onClick={() => go(id, 'Train')}>
        Go on to training
      </button>
    </section>
  );
}

function Tiles({ summary, edges }: { summary: ApiInteractionSummary; edges: string }) {
  const { from, to, pairs } = summary;
  const cells: [string, string, string][] = [
    [plural(capital(from.type)), count(from.nodes), `${count(from.active)} with ${edges} edges`],
    ...(to.type === from.type
      ? []
      : [
          [plural(capital(to.type)), count(to.nodes), `${count(to.active)} with ${edges} edges`] as [
            string,
            string,
            string,
          ],
        ]),
    ['Edges', count(summary.edges), `${count(pairs)} different pairs`],
    ['Of all pairs', percent(pairs / Math.max(1, from.nodes * to.nodes), 2), 'are known'],
    [`In the median`, count(from.median), `of each active ${from.type}`],
    [
      'Held out',
      summary.heldOut ? count(summary.heldOut.test) : '—',
      summary.heldOut ? `${count(summary.heldOut.known)} are learned from` : 'nothing can be',
    ],
  ];
  return (
    <dl className="tiles">
      {cells.map(([name, value, note]) => (
        <div key={name}>
          <dt className="secondary">{name}</dt>
          <dd className="tile-value">{value}</dd>
          <dd className="note">{note}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What most take. */
function Popular({ learns: { data, edges } }: { learns: Learns }) {
  const [list, setList] = useState<ApiNodeList | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let current = true;
    api()
      .interactions.nodes({ data, edges, end: 'to', limit: MOST_POPULAR })
      .then((found) => current && setList(found))
      .catch((thrown: unknown) => current && setProblem(toProblem(thrown)));
    return () => {
      current = false;
    };
  }, [data, edges]);
  if (problem) return <ProblemNote problem={problem} />;
  if (!list) return null;
  const most = Math.max(1, list.rows[0]?.edges ?? 1);
  return (
    <DataTable
      label={`Most ${edges}`}
      title={<h2>Most popular</h2>}
      note={`${Math.min(MOST_POPULAR, list.total)} of ${count(list.total)} ${plural(list.type)}`}
      className="tight"
      scrollIn="recommend-rows"
      rows={list.rows}
      rowKey={({ id }) => id}
      columns={[
        {
          id: 'name',
          head: capital(list.type),
          value: ({ title, id }) => title ?? id,
          cell: ({ title, id }) => (
            <>
              {title ?? id} {title && <span className="note">{id}</span>}
            </>
          ),
        },
        {
          id: 'bar',
          head: 'Share of the most',
          className: 'recommend-bar-cell',
          value: ({ edges: taken }) => taken / most,
          cell: ({ edges: taken }) => <ShareBar share={taken / most} />,
        },
        { id: 'edges', head: edges, numeric: true, value: ({ edges: taken }) => taken },
      ]}
    />
  );
}

export function ShareBar({ share }: { share: number }) {
  return (
    <span className="share-bar" aria-hidden>
      <i style={{ width: `${fixed(100 * Math.min(1, Math.max(0, share)), 1)}%` }} />
    </span>
  );
}

function Features({ summary }: { summary: ApiInteractionSummary }) {
  return (
    <DataTable
      label="Features"
      title={<h2>Features</h2>}
      className="tight"
      scrollIn="recommend-rows"
      rows={summary.features}
      rowKey={({ of, name }) => `${of} ${name}`}
      empty="Nothing is known of them but who takes what."
      columns={[
        { id: 'of', head: 'Of', value: ({ of }) => of },
        { id: 'name', head: 'Name', value: ({ name }) => name },
        { id: 'kind', head: 'Kind', className: 'secondary', value: ({ kind }) => kind },
      ]}
    />
  );
}

export const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
