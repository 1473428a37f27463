import { useEffect, useState } from 'react';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import type { ApiSegmentDay, ApiSegmentInfo, ApiSegmentWeek } from '../api/types.ts';
import { valueAt } from '../charts/scale.ts';
import { clock, day as dayLabel, fixed } from '../format/format.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { Waiting } from '../shell/Waiting.tsx';
import { useMap } from '../stores/map.ts';
import { useTheme } from '../theme/theme.ts';
import { className, NO_PREDICTION, SPEED_RAMP, speedClass } from './ramp.ts';
import { SegmentDayChart } from './SegmentDayChart.tsx';
import { SegmentWeekChart } from './SegmentWeekChart.tsx';

/** What is predicted for a segment, beside what was driven there: over the chosen day and over the week. */
export function SegmentTimes({ segment }: { segment: ApiSegmentInfo }) {
  const { runId, day } = useMap();
  const dayAnswer = useAnswer<ApiSegmentDay>(
    (signal) => api().roads.segmentDay({ segment: segment.segment, runId, day: day! }, { signal }),
    day === null ? null : `${segment.segment} ${runId} ${day}`,
  );
  // After the day: both ask the model, and the day is what is looked at first.
  const weekAnswer = useAnswer<ApiSegmentWeek>(
    (signal) => api().roads.segmentWeek({ segment: segment.segment, runId }, { signal }),
    day === null || !dayAnswer.value ? null : `${segment.segment} ${runId}`,
  );
  if (day === null) return null;
  return (
    <>
      {dayAnswer.value && <Now segment={segment} answer={dayAnswer.value} />}
      <section>
        {dayAnswer.value ? (
          <SegmentDayChart segment={segment} day={day} answer={dayAnswer.value} />
        ) : (
          <Pending answer={dayAnswer} what="Reading the day" />
        )}
      </section>
      {!dayAnswer.problem && (
        <section>
          {weekAnswer.value ? (
            <SegmentWeekChart segment={segment} answer={weekAnswer.value} />
          ) : (
            <Pending answer={weekAnswer} what="Reading the week" />
          )}
          {dayAnswer.value?.note && <p className="note">{dayAnswer.value.note}</p>}
        </section>
      )}
    </>
  );
}

/** The prediction at the strip's time. */
function Now({ segment, answer }: { segment: ApiSegmentInfo; answer: ApiSegmentDay }) {
  const { day, minute } = useMap();
  const ramp = SPEED_RAMP[useTheme((state) => state.theme)];
  const seconds = valueAt(
    answer.predicted.map((row) => [row.minute, row.seconds]),
    minute,
  );
  const ratio = answer.freeFlowS / seconds;
  const k = speedClass(ratio);
  return (
    <section>
      <div className="spread">
        <h3>Predicted</h3>
        <span className="note">
          {dayLabel(day!)} {clock(minute)}
        </span>
      </div>
      {k === NO_PREDICTION ? (
        <p className="secondary">No prediction for this segment.</p>
      ) : (
        <>
          <p className="answer">
            {fixed((3.6 * segment.lengthM) / seconds, 0)} <small>km/h</small>
          </p>
          <p className="secondary row">
            <i className="swatch" style={{ background: ramp[k] }} />
            ratio {ratio.toFixed(2)}, class {className(k)} · {fixed(seconds, 0)} s to drive
          </p>
        </>
      )}
    </section>
  );
}

interface Answer<Value> {
  value: Value | null;
  problem: Problem | null;
  since: number;
}

function Pending({ answer, what }: { answer: Answer<unknown>; what: string }) {
  return answer.problem ? (
    <ProblemNote problem={answer.problem} />
  ) : (
    <Waiting what={what} since={answer.since} />
  );
}

/** Asks again whenever the key changes, and drops the question that is no longer wanted; a null key asks nothing. */
function useAnswer<Value>(ask: (signal: AbortSignal) => Promise<Value>, key: string | null): Answer<Value> {
  const [answer, setAnswer] = useState<Answer<Value>>(() => ({
    value: null,
    problem: null,
    since: Date.now(),
  }));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says what is asked
  useEffect(() => {
    const stop = new AbortController();
    setAnswer({ value: null, problem: null, since: Date.now() });
    if (key !== null)
      ask(stop.signal)
        .then((value) => !stop.signal.aborted && setAnswer({ value, problem: null, since: 0 }))
        .catch(
          (thrown: unknown) =>
            !stop.signal.aborted && setAnswer({ value: null, problem: toProblem(thrown), since: 0 }),
        );
    return () => stop.abort();
  }, [key]);
  return answer;
}
