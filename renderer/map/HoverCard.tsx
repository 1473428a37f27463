import { useEffect, useState } from 'react';
import { api } from '../api/connection.ts';
import type { ApiSegmentInfo } from '../api/types.ts';
import { count, fixed } from '../format/format.ts';
import { type ShownLayer, valueInWords } from './layers.ts';
import { ROAD_CLASS_LABELS } from './roadClasses.ts';

export interface Hovered {
  segment: number;
  name: string;
  x: number;
  y: number;
}

/** What is known of the segment under the pointer; its details come a moment later. */
export function HoverCard({ hovered, shown }: { hovered: Hovered; shown: ShownLayer | null }) {
  const details = useDetails(hovered.segment);
  const value = shown && valueInWords(shown, hovered.segment, details?.speedLimitKmh ?? null);
  return (
    <div className="hover-card" style={{ left: hovered.x, top: hovered.y }} aria-hidden>
      <p className="spread">
        <b>{hovered.name || 'Unnamed road'}</b>
        <span className="note">{details && ROAD_CLASS_LABELS[details.roadClass]}</span>
      </p>
      {value && (
        <dl>
          <dt>{value.name}</dt>
          <dd className="strong">{value.text}</dd>
          {details && (
            <>
              <dt>Free flow</dt>
              <dd>{fixed(details.speedLimitKmh, 0)} km/h</dd>
              <dt>Observed here</dt>
              <dd>{count(details.traversals)} passes</dd>
            </>
          )}
        </dl>
      )}
    </div>
  );
}

function useDetails(segment: number): ApiSegmentInfo | null {
  const [details, setDetails] = useState<ApiSegmentInfo | null>(null);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => {
      api()
        .roads.segment({ segment })
        .then((answer) => current && setDetails(answer))
        .catch(() => current && setDetails(null));
    }, 120);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [segment]);
  return details?.segment === segment ? details : null;
}
