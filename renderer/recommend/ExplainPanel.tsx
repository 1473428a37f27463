import type { ApiRecommender, ApiRunInfo, RecommendationReasons } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { WaterfallBars } from '../charts/WaterfallBars.tsx';
import { signed } from '../format/format.ts';
import { CallWaiting } from '../shell/CallWaiting.tsx';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { useRecommend, useSystem } from '../stores/recommend.ts';
import { DataTable } from '../table/DataTable.tsx';
import { baselineName, figureName, figureText, strongest, verdict } from './figures.ts';
import { cellText } from './Reports.tsx';
import { KIND_NAMES, reasonSentence, scoreSteps, sharesOf } from './reasons.ts';

const SHOWN_STEPS = 8;
const SHOWN_SHARES = 12;

/** Why the chosen item stands where it does, and how far the list can be trusted. */
export function ExplainPanel({ info, run }: { info: ApiRecommender; run: ApiRunInfo }) {
  const { answer, item, reasons, explaining, reasonsProblem } = useSystem(info.id);
  const rank = answer?.items.findIndex((listed) => listed.item === item) ?? -1;
  const chosen = answer?.items[rank];
  return (
    <aside className="recommend-explain scroll" aria-label="Explain" data-region="Explain">
      {chosen ? (
        <>
          <section>
            <h2 className="object-title">{chosen.title ?? chosen.item}</h2>
            {chosen.title && <p className="secondary">{chosen.item}</p>}
            {reasons && (
              <p className="explain-reason">{reasonSentence(reasons, rank + 1, answer!.items.length)}</p>
            )}
          </section>
          {explaining && (
            <div className="recommend-note">
              <CallWaiting
                title="Looking for reasons"
                call={explaining}
                cancel={() => void useRecommend.getState().select(info.id, null)}
              />
            </div>
          )}
          {reasonsProblem && (
            <div className="recommend-note">
              <ProblemNote problem={reasonsProblem} />
            </div>
          )}
          {reasons && <Reasons reasons={reasons} sharedBy={info.sharedBy} />}
        </>
      ) : (
        <section>
          <h2 className="object-title">Why</h2>
          <p className="secondary">
            {answer ? 'Choose an item of the list.' : 'Ask for a list: the reasons of its items stand here.'}
          </p>
        </section>
      )}
      <Trust info={info} run={run} />
    </aside>
  );
}

function Reasons({ reasons, sharedBy }: { reasons: RecommendationReasons; sharedBy: string }) {
  const steps = scoreSteps(reasons, SHOWN_STEPS);
  const shares = sharesOf(reasons);
  return (
    <>
      <section>
        <Figure
          title="What adds up to the score"
          quantity="score"
          xLabel="score"
          table={{
            head: ['what', 'share'],
            rows: steps.map((step) => [step.label, cellText(step.until - step.from)]),
            exact: steps.map((step) => [step.label, step.until - step.from]),
          }}
        >
          <WaterfallBars
            label={`What adds up to the score: ${steps.map((step) => `${step.label} ${cellText(step.until - step.from)}`).join(', ')}`}
            labelPx={150}
            valuePx={52}
            steps={steps.map(({ label, kind, from, until }) => ({
              label,
              from,
              until,
              isSum: kind === 'sum',
              color: kind === 'sum' ? 'var(--accent)' : until >= from ? 'var(--run-3)' : 'var(--run-2)',
              text: kind === 'sum' ? cellText(until) : signed(until - from, 3),
            }))}
          />
        </Figure>
        <p className="note">{sharedBy} Green raises the score, orange lowers it.</p>
      </section>
      <section>
        <DataTable
          label="Shares of the score"
          title={<h3>All shares</h3>}
          note={`add up to ${cellText(reasons.score)}`}
          className="tight"
          limit={SHOWN_SHARES}
          rows={shares.map((share, i) => ({ ...share, i }))}
          rowKey={({ i }) => i}
          columns={[
            { id: 'label', head: 'What', value: ({ label }) => label },
            { id: 'kind', head: 'Kind', className: 'secondary', value: ({ kind }) => KIND_NAMES[kind] },
            {
              id: 'share',
              head: 'Share',
              numeric: true,
              className: 'strong',
              value: ({ share }) => share,
              cell: ({ share }) => signed(share, 4),
            },
          ]}
        />
      </section>
    </>
  );
}

/** Beside every list: how good the run was on what it had not seen. */
function Trust({ info, run }: { info: ApiRecommender; run: ApiRunInfo }) {
  const { ranking } = run;
  if (!ranking)
    return (
      <section>
        <h3>Can this list be trusted</h3>
        <p className="secondary">
          {run.name} was not judged yet.{' '}
          <button type="button" className="link" onClick={() => useRecommend.getState().go(info.id, 'Judge')}>
            Judge it
          </button>
        </p>
      </section>
    );
  const { judgedBy, figures, baselines } = ranking;
  const own = figures[judgedBy];
  const best = strongest(ranking, judgedBy);
  const its = best === null ? undefined : baselines[best]?.figures[judgedBy];
  const { lead } = verdict(run.name, ranking, info);
  return (
    <section>
      <div className="spread">
        <h3>Can this list be trusted</h3>
        <span className="note">{figureName(judgedBy)}</span>
      </div>
      <dl className="facts">
        {own && (
          <div className="spread">
            <dt className="strong">{run.name}</dt>
            <dd>
              <b>{figureText(own.value)}</b>{' '}
              <span className="secondary">
                {figureText(own.low)}–{figureText(own.high)}
              </span>
            </dd>
          </div>
        )}
        {its && best !== null && (
          <div className="spread">
            <dt>{baselineName(info, best)}</dt>
            <dd>
              {figureText(its.value)}{' '}
              <span className="secondary">
                {figureText(its.low)}–{figureText(its.high)}
              </span>
            </dd>
          </div>
        )}
      </dl>
      <p className="note">{lead}</p>
    </section>
  );
}
