import { Check, ChevronLeft, Minus, TriangleAlert } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { useProject } from '../stores/project.ts';
import { fieldOf, type ImportField, type ImportForm, type RowsPreview } from './fields.ts';
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
  const { fields, mapping } = form;
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
          <FieldRow key={field.key} field={field} form={form} preview={preview} />
        ))}
        {mapping.dayOfYear && <YearRow form={form} preview={preview} />}
        <ZoneRow form={form} />
        {left.length > 0 && (
          <p className="secondary columns-left">
            Columns left over: <span className="mono">{left.map((column) => column.name).join('  ')}</span>
          </p>
        )}
      </section>
      <section className="columns-preview scroll" aria-label="Preview" data-region="Preview">
        <PreviewTable form={form} preview={preview} />
        {figures && <Histograms preview={figures} />}
      </section>
    </div>
  );
}

interface RowProps {
  form: ImportForm;
  preview: RowsPreview;
}

function FieldRow({ field, form, preview }: RowProps & { field: ImportField }) {
  const { mapping, setMapping } = form;
  const id = useId();
  const value = mapping[field.key] ?? '';
  const missing = preview.missing.includes(field.key);
  const problems = preview.problems.filter(
    (problem) => problem.column !== null && problem.column === value,
  ).length;
  const sample = preview.columns.find((column) => column.name === value)?.samples[0];
  const bad = missing || problems > 0;
  return (
    <div className={bad ? 'field-row bad' : 'field-row'}>
      <label htmlFor={id}>
        <b>{field.label}</b>
        <span className="secondary">{field.kind}</span>
      </label>
      <ChevronLeft size={14} aria-hidden />
      <div className="field-choice">
        <select
          id={id}
          className="input mono"
          value={value}
          aria-invalid={bad}
          aria-describedby={`${id}-note`}
          onChange={(event) =>
            setMapping({ [field.key]: event.target.value || (field.optional ? null : undefined) })
          }
        >
          <option value="">Not in file</option>
          {preview.columns.map((column) => (
            <option key={column.name}>{column.name}</option>
          ))}
        </select>
        <span id={`${id}-note`} className={bad ? 'field-note error mono' : 'field-note mono'}>
          {missing
            ? 'Choose the column that holds it'
            : problems > 0
              ? `${problems} of the rows read have a problem here`
              : (sample ?? '\u00a0')}
        </span>
      </div>
      {bad ? (
        <TriangleAlert size={15} className="field-bad" aria-label="needs attention" />
      ) : value ? (
        <Check size={15} className="field-good" aria-label="found" />
      ) : (
        <Minus size={15} className="field-none" aria-label="not in file" />
      )}
    </div>
  );
}

/** A day of the year is a date only with its year. */
function YearRow({ form, preview }: RowProps) {
  const { mapping, setMapping } = form;
  const missing = preview.missing.includes('year');
  return (
    <div className={missing ? 'field-row bad' : 'field-row'}>
      <label htmlFor="trip-year">
        <b>Year</b>
        <span className="secondary">of all trips</span>
      </label>
      <ChevronLeft size={14} aria-hidden />
      <div className="field-choice">
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
        <span className={missing ? 'field-note error' : 'field-note'}>
          {missing ? 'Give the year the trips were driven in' : 'Makes dates of day and minute'}
        </span>
      </div>
      {missing ? (
        <TriangleAlert size={15} className="field-bad" aria-label="needs attention" />
      ) : (
        <Check size={15} className="field-good" aria-label="given" />
      )}
    </div>
  );
}

const ZONES = Intl.supportedValuesOf('timeZone');

function ZoneRow({ form }: { form: ImportForm }) {
  const { timeZone, setTimeZone } = form;
  const fixed = useProject((state) => state.project?.timeZone ?? null);
  return (
    <div className="field-row">
      <label htmlFor="trip-zone">
        <b>Time zone</b>
        <span className="secondary">of the clocks</span>
      </label>
      <ChevronLeft size={14} aria-hidden />
      <div className="field-choice">
        <select
          id="trip-zone"
          className="input"
          value={timeZone}
          disabled={fixed !== null}
          onChange={(event) => setTimeZone(event.target.value)}
        >
          {[...new Set([timeZone, 'UTC', ...ZONES])].map((zone) => (
            <option key={zone}>{zone}</option>
          ))}
        </select>
        <span className="field-note">
          {fixed ? 'Set by the trips already imported' : 'All times are shown on this clock'}
        </span>
      </div>
      <Check size={15} className="field-good" aria-label="given" />
    </div>
  );
}
