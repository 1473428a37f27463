import type { ReactNode } from 'react';
import { ColumnRow, FieldRow, ZoneRow } from './FieldRows.tsx';
import { fieldOf, type ImportForm, type RowsPreview } from './fields.ts';
import { Histograms } from './Histograms.tsx';
import { PreviewTable } from './PreviewTable.tsx';

/** Which column holds what, beside the rows as they will be read. */
export function ColumnsStep({
  form,
  preview,
  figures,
  kind,
}: {
  form: ImportForm;
  preview: RowsPreview;
  /** Durations and speeds, where they are known. */
  figures: { durationsS: number[]; speedsKmh: number[] } | null;
  /** Choice of what the file holds. */
  kind: ReactNode;
}) {
  const { fields, mapping, setMapping, timeZone, setTimeZone } = form;
  const found = fields.filter((field) => mapping[field.key]).length;
  const left = preview.columns.filter((column) => !fieldOf(form, column.name));
  return (
    <div className="columns-step">
      <section className="columns-fields scroll" aria-label="Match columns" data-region="Columns">
        <h2>
          Match columns <span className="secondary">{found} found</span>
        </h2>
        {kind}
        {fields.map((field) => (
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
        {mapping.dayOfYear && <YearRow form={form} preview={preview} />}
        <ZoneRow timeZone={timeZone} setTimeZone={setTimeZone} />
        {left.length > 0 && (
          <p className="secondary columns-left">
            Columns left over: <span className="mono">{left.map((column) => column.name).join('  ')}</span>
          </p>
        )}
      </section>
      <section className="columns-preview scroll" aria-label="Preview" data-region="Preview">
        <PreviewTable preview={preview} labelOf={(column) => fieldOf(form, column)?.label} choice={form} />
        {figures && <Histograms preview={figures} />}
      </section>
    </div>
  );
}

/** A day of the year is a date only with its year. */
function YearRow({ form, preview }: { form: ImportForm; preview: RowsPreview }) {
  const { mapping, setMapping } = form;
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
