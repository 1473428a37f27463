import type { ApiRecommender, ApiRunInfo, RecommendedItem, UserRecommendations } from '../api/types.ts';
import { ago, counted } from '../format/format.ts';
import { CallWaiting } from '../shell/CallWaiting.tsx';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { useProject } from '../stores/project.ts';
import { dataOfRun, hasWeights, questionOf, useRecommend, useSystem } from '../stores/recommend.ts';
import { type Column, DataTable } from '../table/DataTable.tsx';
import { ShareBar } from './DataStep.tsx';
import { ExplainPanel } from './ExplainPanel.tsx';
import { Exports } from './Exports.tsx';
import { NotTrained } from './JudgeStep.tsx';
import { PlacesMap } from './PlacesMap.tsx';
import { QuestionForm } from './QuestionForm.tsx';
import { cellText } from './Reports.tsx';
import { ScoreChart } from './ScoreChart.tsx';

interface RecommendStepProps {
  info: ApiRecommender;
  run: ApiRunInfo | null;
  /** The reasons are what it is about. */
  explains: boolean;
}

/** Who is asked for, the list, and why the chosen item stands in it. */
export function RecommendStep({ info, run, explains }: RecommendStepProps) {
  const project = useProject((state) => state.project);
  const { answer, answered, asking, waiting, problem } = useSystem(info.id);
  if (!hasWeights(run)) return <NotTrained id={info.id} what={explains ? 'Explaining' : 'Recommending'} />;
  const data = dataOfRun(project, run);
  if (!data) return <DataGone run={run} />;
  const question = questionOf(asking);
  const isStale =
    answered !== null &&
    (answered.runId !== run.id ||
      (question !== null && JSON.stringify(answered.question) !== JSON.stringify(question)));
  return (
    <div className={explains ? 'recommend-page explains' : 'recommend-page'}>
      <section className="recommend-main scroll" aria-label="Recommendations" data-region="Recommendations">
        <QuestionForm info={info} run={run} data={data} />
        {problem && (
          <div className="recommend-note">
            <ProblemNote problem={problem} />
          </div>
        )}
        {waiting && (
          <div className="recommend-note">
            <CallWaiting
              title="Recommending"
              call={waiting}
              cancel={() => useRecommend.getState().cancelAsk(info.id)}
            />
          </div>
        )}
        {answered && isStale && !waiting && (
          <p className="recommend-stale">
            Shown is the answer from {ago(new Date(answered.at).toISOString())}, to another question.
          </p>
        )}
        {answer ? (
          <Answer id={info.id} answer={answer} isStale={isStale} />
        ) : (
          !waiting &&
          !problem && (
            <p className="secondary recommend-note">
              Choose whom to recommend to. The list comes in under a second once the run is loaded.
            </p>
          )
        )}
        <Exports info={info} run={run} />
      </section>
      <ExplainPanel info={info} run={run} />
    </div>
  );
}

function DataGone({ run }: { run: ApiRunInfo }) {
  return (
    <section className="nothing-yet">
      <h2 className="object-title">The data are gone</h2>
      <p className="secondary">
        {run.name} was trained on interactions that this project no longer holds. Import them again under the
        same name, or train another run.
      </p>
    </section>
  );
}

function Answer({ id, answer, isStale }: { id: string; answer: UserRecommendations; isStale: boolean }) {
  const { items } = answer;
  return (
    <div className={isStale ? 'recommend-answer stale' : 'recommend-answer'}>
      <RecommendedList id={id} answer={answer} />
      {items.some(({ place }) => place) && <PlacesMap id={id} items={items} />}
      <ScoreChart id={id} items={items} />
    </div>
  );
}

function RecommendedList({ id, answer: { user, items } }: { id: string; answer: UserRecommendations }) {
  const { item: chosen } = useSystem(id);
  const scores = items.map(({ score }) => score);
  const [least, most] = [Math.min(0, ...scores), Math.max(1e-9, ...scores)];
  const ranked = items.map((item, place) => ({ ...item, rank: place + 1 }));
  return (
    <DataTable<RecommendedItem & { rank: number }>
      label="Recommendations"
      title={
        <h2>
          For {user} <span className="secondary">{counted(items.length, 'item')}</span>
        </h2>
      }
      className="recommend-table"
      rows={ranked}
      rowKey={({ item }) => item}
      rowProps={({ item }) => ({
        className: 'runs-row',
        'aria-selected': item === chosen,
        onClick: () => void useRecommend.getState().select(id, item),
      })}
      empty="Nothing fits the question: widen it, or choose somebody else."
      columns={[
        {
          id: 'rank',
          head: '#',
          className: 'recommend-rank',
          value: ({ rank }) => rank,
          cell: ({ rank, item }) => (
            <i className={item === chosen ? 'rank-mark chosen' : 'rank-mark'}>{rank}</i>
          ),
        },
        {
          id: 'item',
          head: 'Item',
          value: ({ title, item }) => title ?? item,
          cell: ({ title, item }) => (
            <>
              <button type="button" className="runs-name" aria-pressed={item === chosen}>
                {title ?? item}
              </button>
              {title && <span className="runs-sub">{item}</span>}
            </>
          ),
        },
        {
          id: 'id',
          head: 'Id',
          className: 'recommend-id',
          value: ({ item }) => item,
        },
        {
          id: 'score',
          head: 'Score',
          className: 'recommend-score',
          value: ({ score }) => score,
          cell: ({ score }) => (
            <span className="row">
              <ShareBar share={(score - least) / (most - least)} />
              <b className="num">{cellText(score)}</b>
            </span>
          ),
        },
        ...detailColumns(items),
      ]}
    />
  );
}

/** What a system says beside the score, a column for each label. */
function detailColumns(items: readonly RecommendedItem[]): Column<RecommendedItem>[] {
  const labels = [...new Set(items.flatMap(({ details }) => Object.keys(details)))];
  return labels.map((label) => ({
    id: `detail ${label}`,
    head: label,
    numeric: items.every(({ details }) => typeof (details[label] ?? 0) === 'number'),
    value: ({ details }) => details[label] ?? null,
    cell: ({ details }) => cellText(details[label] ?? null),
  }));
}
