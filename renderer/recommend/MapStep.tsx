import { plural } from '@etalon/core/base/words';
import { useId, useMemo, useState } from 'react';
import type { ApiRecommender, ApiRunInfo, EmbeddingMap } from '../api/types.ts';
import { Figure } from '../charts/Figure.tsx';
import { count } from '../format/format.ts';
import { CallWaiting } from '../shell/CallWaiting.tsx';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { hasWeights, useRecommend, useSystem } from '../stores/recommend.ts';
import { EmbeddingPlane, type PlaneMark } from './EmbeddingPlane.tsx';
import { COLOURS, colourAt, colourings, legendOf, type PlanePoint, pointsOf } from './embeddingPlane.ts';
import { NotTrained } from './JudgeStep.tsx';
import { LabelledChoice } from './LabelledChoice.tsx';

/** What a run learned of users and items, in the plane. */
export function MapStep({ info: { id }, run }: { info: ApiRecommender; run: ApiRunInfo | null }) {
  const { embedding, mapping, mapProblem } = useSystem(id);
  if (!hasWeights(run)) return <NotTrained id={id} what="A map" />;
  const { layOut, cancelMap } = useRecommend.getState();
  const map = embedding?.runId === run.id ? embedding.map : null;
  return (
    <div className="embedding-page scroll" data-region="Map">
      {mapping && <CallWaiting title="Making the map" call={mapping} cancel={() => cancelMap(id)} />}
      {mapProblem && <ProblemNote problem={mapProblem} />}
      {map ? (
        <Shown id={id} map={map} />
      ) : (
        !mapping && (
          <section className="nothing-yet">
            <h2 className="object-title">A map of what {run.name} learned</h2>
            <p className="secondary">
              UMAP lays users and items out in the plane: what is near is alike to the model. Some seconds for
              a few thousand.
            </p>
            <button type="button" className="button primary" onClick={() => void layOut(id, run.id)}>
              Make the map
            </button>
          </section>
        )
      )}
    </div>
  );
}

function Shown({ id, map }: { id: string; map: EmbeddingMap }) {
  const finder = useId();
  const choices = useMemo(() => colourings(map), [map]);
  const [label, setLabel] = useState(choices[0]!.label);
  const [text, setText] = useState('');
  const colouring = choices.find((choice) => choice.label === label) ?? choices[0]!;
  const points = useMemo(() => pointsOf(map, colouring), [map, colouring]);
  const legend = useMemo(() => legendOf(points), [points]);
  const marks = useMarks(id, points, text);
  const shapes = new Map(map.types.map(({ type }, i) => [type, i]));
  const rest = points.length - legend.slice(0, COLOURS).reduce((sum, entry) => sum + entry.count, 0);
  return (
    <>
      <div className="row embedding-tools">
        <LabelledChoice
          label="Colour"
          value={label}
          choices={choices.map((choice) => ({ value: choice.label }))}
          choose={setLabel}
        />
        <label htmlFor={finder} className="secondary">
          Find
        </label>
        <input
          id={finder}
          type="search"
          className="input embedding-find"
          placeholder="Name or identifier"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {text.trim() !== '' && (
          <span className="note" role="status">
            {marks.found === 0 ? 'none on the map' : `${count(marks.found)} found`}
          </span>
        )}
      </div>
      <Figure
        title="What the run learned"
        quantity={`UMAP of cosines · ${count(points.length)}${points.length < map.of ? ` of ${count(map.of)}` : ''} nodes`}
        xLabel="no unit"
        keys={legend.slice(0, COLOURS).map(({ value }, i) => ({ name: value, token: `category-${i + 1}` }))}
        table={{
          head: ['type', 'id', 'name', label, 'x', 'y'],
          rows: points.map((point) => [
            point.type,
            point.id,
            point.name,
            point.value ?? '',
            point.x.toFixed(3),
            point.y.toFixed(3),
          ]),
        }}
      >
        <EmbeddingPlane points={points} legend={legend} shapes={shapes} marks={marks.shown} />
      </Figure>
      <ul className="embedding-legend" aria-label="Colours">
        {legend.slice(0, COLOURS).map(({ value, count: n }, i) => (
          <li key={value}>
            <i style={{ background: colourAt(i) }} /> {value} <span className="note">{count(n)}</span>
          </li>
        ))}
        {rest > 0 && (
          <li>
            <i style={{ background: colourAt(-1) }} /> others <span className="note">{count(rest)}</span>
          </li>
        )}
      </ul>
      <p className="note">
        {map.types.length > 1 &&
          `Marks: ${map.types.map(({ type }, i) => `${SHAPES[i] ?? 'squares'} for ${plural(type)}`).join(', ')}. `}
        What is near is alike to the model; how far groups lie apart, and how large they are, says nothing.
        Wheel and drag, or plus, minus and arrows, move the map; names that would lie on others show once
        there is room.
      </p>
    </>
  );
}

const SHAPES = ['dots', 'squares'];

/** Who was asked for and what was recommended, and what the search box finds. */
function useMarks(
  id: string,
  points: readonly PlanePoint[],
  text: string,
): { shown: PlaneMark[]; found: number } {
  const { answer, answered } = useSystem(id);
  return useMemo(() => {
    const shown: PlaneMark[] = [];
    const wanted = text.trim().toLowerCase();
    const found = wanted
      ? points.filter(
          (point) => point.id.toLowerCase() === wanted || point.name.toLowerCase().includes(wanted),
        )
      : [];
    for (const point of found.slice(0, MOST_FOUND)) shown.push({ point, text: point.name, kind: 'found' });
    if (wanted) return { shown, found: found.length };
    const asked = answered?.question.users[0];
    const user = points.find((point) => point.id === asked && point.type === points[0]?.type);
    if (user) shown.push({ point: user, text: user.name, kind: 'asked' });
    for (const [place, { item }] of (answer?.items ?? []).entries()) {
      const point = points.findLast((other) => other.id === item);
      if (point) shown.push({ point, text: String(place + 1), kind: 'recommended' });
    }
    return { shown, found: 0 };
  }, [points, text, answer, answered]);
}

const MOST_FOUND = 20;
