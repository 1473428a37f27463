import type { TripPreview } from '../api/types.ts';
import { useTripImport } from '../stores/tripImport.ts';
import { ColumnRow, FieldRow, ZoneRow } from './FieldRows.tsx';
import { FIELDS, fieldOf } from './fields.ts';
import { Histograms } from './Histograms.tsx';
import { PreviewTable } from './PreviewTable.tsx';

/** Which column holds what, beside the rows as they will be read. */
export function ColumnsStep({ preview }: { preview: TripPreview }) {
  const { mapping, setMapping, timeZone, setTimeZone } = useTripImport();
  const found = FIELDS.filter((field) => mapping[field.key]).length;
  const left = preview.columns.filter((column) => !fieldOf(mapping, column.name));
  return (
    <div className="columns-step">
      <section className="columns-fields scroll" aria-label="Match columns" data-region="Columns">
        <h2>
          Match columns <span className="secondary">{found} found</span>
        </h2>
        {FIELDS.map((field) => (
          <ColumnRow
            key={field.key}
            label={field.label}
            kind={field.kind}
            value={mapping[field.key]}
            missing={preview.missing.includes(field.key)}
            preview={preview}
            choose={(column) => setMapping({ [field.key]: column ?? (field.optional ? null : undefined) })}
          />
        ))}
        {mapping.dayOfYear && <YearRow preview={preview} />}
        <ZoneRow timeZone={timeZone} setTimeZone={setTimeZone} />
        {left.length > 0 && (
          <p className="secondary columns-left">
            Columns left over: <span className="mono">{left.map((column) => column.name).join('  ')}</span>
          </p>
        )}
      </section>
      <section className="columns-preview scroll" aria-label="Preview" data-region="Preview">
        <PreviewTable preview={preview} labelOf={(column) => fieldOf(mapping, column)?.label} />
        <Histograms preview={preview} />
      </section>
    </div>
  );
}

/** A day of the year is a date only with its year. */
function YearRow({ preview }: { preview: TripPreview }) {
  const { mapping, setMapping } = useTripImport();
  const missing = preview.missing.includes('year');
  return (
    <FieldRow
      id="trip-year"
      label="Year"
      kind="of all trips"
      bad={missing}
      note={missing ? 'Give the year the trips were driven in' : 'Makes dates of day and minute'}
    >
      <input
        id="trip-year"
        className="input mono"
        type="number"
        min={1970}
        max={2100}
        value={mapping.year ?? ''}
        aria-invalid={missing}
        onChange={(event) =>
          setMapping({ year: event.target.value === '' ? null : Number(event.target.value) })
        }
      />
    </FieldRow>
  );
}
