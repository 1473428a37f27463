import { TriangleAlert } from 'lucide-react';
import type { ObservationPreview } from '../../api/types.ts';
import { quantile } from '../../charts/scale.ts';
import { count, fixed, percent } from '../../format/format.ts';
import { useObservationImport } from '../../stores/observationImport.ts';
import { LeftOutTiles, Problems, Tile } from '../CheckStep.tsx';
import { unitDoubt } from './fields.ts';
import { SpeedHistogram } from './SpeedHistogram.tsx';

/** What the import would do, judged by the rows read. */
export function ObservationCheck({ preview }: { preview: ObservationPreview }) {
  const choice = useObservationImport();
  const { rows, problems, speedsKmh, medianLimitKmh, sensors, suggested } = preview;
  const doubt = unitDoubt(quantile(speedsKmh, 0.85), medianLimitKmh);
  return (
    <div className="data-page scroll">
      <dl className="tiles">
        <Tile
          name="Ready to import"
          value={percent(rows.length === 0 ? 0 : (rows.length - problems.length) / rows.length)}
          note={`${count(rows.length - problems.length)} of the ${count(rows.length)} rows read`}
        />
        <LeftOutTiles preview={preview} choice={choice} />
        <Tile
          name="Median speed"
          value={speedsKmh.length > 0 ? `${fixed(quantile(speedsKmh, 0.5))} km/h` : '—'}
          note={suggested.seconds ? 'length ÷ seconds' : `read as ${suggested.unit}`}
          bad={doubt !== null}
        />
        <Tile
          name="Interval"
          value={`${fixed((suggested.stepS ?? 0) / 60)} min`}
          note="from one value to the next"
        />
        {sensors && (
          <Tile
            name="Sensors"
            value={count(sensors.matched)}
            note={
              sensors.leftOut.length > 0
                ? `${count(sensors.leftOut.length)} too far from a road`
                : 'all have a place'
            }
            bad={sensors.leftOut.length > 0}
          />
        )}
      </dl>
      {doubt && (
        <p className="problem warning">
          <TriangleAlert size={16} aria-hidden />
          <span className="what">{doubt}</span>
        </p>
      )}
      <SpeedHistogram preview={preview} />
      {problems.length > 0 && <Problems problems={problems} choice={choice} />}
    </div>
  );
}
