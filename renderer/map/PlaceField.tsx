import { api } from '../api/connection.ts';
import type { RoadHit } from '../api/types.ts';
import { kilometres } from '../format/format.ts';
import { SearchBox } from '../shell/SearchBox.tsx';
import { useRoute } from '../stores/route.ts';

const NAMES = { a: 'Start, A', b: 'End, B' } as const;

/** One end of the route: type a road name, or press the letter and click the map. */
export function PlaceField({ end }: { end: 'a' | 'b' }) {
  const place = useRoute((state) => state[end]);
  const placing = useRoute((state) => state.placing === end);

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
      <RoadSearch
        label={NAMES[end]}
        placeholder={placing ? 'Click the map' : 'Road name, or the letter and a click'}
        value={place?.label ?? ''}
        choose={(hit) => useRoute.getState().place(end, { point: hit.point, label: hit.name })}
      />
    </div>
  );
}

interface RoadSearchProps {
  label: string;
  placeholder: string;
  value: string;
  choose(hit: RoadHit): void;
  className?: string;
}

/** A place by the name of a road. */
export function RoadSearch(props: RoadSearchProps) {
  return (
    <SearchBox<RoadHit>
      {...props}
      least={2}
      hits="Roads"
      search={(text) => api().roads.search({ text, limit: 8 })}
      hitKey={(hit) => hit.name + hit.point.join()}
      show={(hit) => (
        <>
          <span className="ellipsis">{hit.name}</span>
          <span className="note">{kilometres(hit.lengthM)} km</span>
        </>
      )}
    />
  );
}
