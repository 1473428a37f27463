import type { ObservationPreview } from '../../api/types.ts';
import { fixed } from '../../format/format.ts';
import { Histogram } from '../Histograms.tsx';

/** Speeds of the rows read in the unit chosen, beside the limit of their roads: a wrong unit shows at once. */
export function SpeedHistogram({ preview }: { preview: ObservationPreview }) {
  const { speedsKmh, medianLimitKmh, suggested } = preview;
  return (
    <div className="histograms">
      {speedsKmh.length > 0 ? (
        <>
          <Histogram
            title={suggested.seconds ? 'Speed, of length ÷ seconds' : `Speed, read as ${suggested.unit}`}
            values={speedsKmh}
            unit="km/h"
          />
          <p className="secondary">
            {medianLimitKmh === null
              ? 'There are no speed limits to compare with.'
              : `The median limit of these roads is ${fixed(medianLimitKmh)} km/h; traffic that flows drives at about it.`}
          </p>
        </>
      ) : (
        <p className="secondary">Speeds show once their column is known.</p>
      )}
    </div>
  );
}
