import { useEffect, useId, useState } from 'react';
import { api } from '../api/connection.ts';
import type { RoadHit } from '../api/types.ts';
import { kilometres } from '../format/format.ts';
import { useLayer } from '../shell/layers.ts';
import { useRoute } from '../stores/route.ts';

const NAMES = { a: 'Start, A', b: 'End, B' } as const;

/** One end of the route: type a road name, or press the letter and click the map. */
export function PlaceField({ end }: { end: 'a' | 'b' }) {
  const place = useRoute((state) => state[end]);
  const placing = useRoute((state) => state.placing === end);
  const [text, setText] = useState<string | null>(null);
  const [hits, setHits] = useState<RoadHit[]>([]);
  const [at, setAt] = useState(0);
  const listId = useId();
  const shown = text !== null && hits.length > 0;
  const stop = () => {
    setText(null);
    setHits([]);
  };
  useLayer(shown, stop);

  useEffect(() => {
    if (text === null || text.trim().length < 2) {
      setHits([]);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      api()
        .roads.search({ text: text.trim(), limit: 8 })
        .then((found) => {
          if (!current) return;
          setHits(found);
          setAt(0);
        })
        .catch(() => current && setHits([]));
    }, 150);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [text]);

  const choose = (hit: RoadHit) => {
    stop();
    useRoute.getState().place(end, { point: hit.point, label: hit.name });
  };
  const key = (event: React.KeyboardEvent) => {
    if (!shown) return;
    if (event.key === 'ArrowDown') setAt((at + 1) % hits.length);
    else if (event.key === 'ArrowUp') setAt((at - 1 + hits.length) % hits.length);
    else if (event.key === 'Enter') choose(hits[at]!);
    else return;
    event.preventDefault();
  };

  return (
    <div className={placing ? 'place-field placing' : 'place-field'}>
      <button
        type="button"
        className="place-letter"
        aria-label={`Set ${NAMES[end]} on the map`}
        aria-pressed={placing}
        title={`Set on the map (${end.toUpperCase()})`}
        onClick={() => useRoute.getState().startPlacing(placing ? null : end)}
      >
        {end.toUpperCase()}
      </button>
      <input
        role="combobox"
        aria-label={NAMES[end]}
        aria-expanded={shown}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={shown ? `${listId}-${at}` : undefined}
        placeholder={placing ? 'Click the map' : 'Road name, or the letter and a click'}
        value={text ?? place?.label ?? ''}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => setTimeout(stop, 150)}
        onKeyDown={key}
      />
      {shown && (
        <div id={listId} role="listbox" aria-label="Roads" className="popover left below place-hits">
          {hits.map((hit, i) => (
            <button
              key={hit.name + hit.point.join()}
              id={`${listId}-${i}`}
              type="button"
              role="option"
              tabIndex={-1}
              aria-selected={i === at}
              className="menu-item"
              onClick={() => choose(hit)}
            >
              <span className="ellipsis">{hit.name}</span>
              <span className="note">{kilometres(hit.lengthM)} km</span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
