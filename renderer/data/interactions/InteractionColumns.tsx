import { useId } from 'react';
import { fileName } from '../../format/format.ts';
import { useInteractionImport } from '../../stores/interactionImport.ts';
import { ColumnRow, FieldRow, ZoneRow } from '../FieldRows.tsx';
import { PreviewTable } from '../PreviewTable.tsx';
import { featureColumns, fieldsOf, KINDS, type Plan, type PlanField, planValue, takenFor } from './plan.ts';

const NONE = 'none';

/** What each file's rows are and which column holds what, beside the rows as they will be read. */
export function InteractionColumns() {
  const state = useInteractionImport();
  const { previews, shown, timeZone, setTimeZone } = state;
  const preview = previews[shown] ?? previews[0]!;
  const at = previews.indexOf(preview);
  const { plan } = preview;
  const choose = (field: string, value: string) => state.choose(at, field, value);
  const names = preview.columns.map(({ name }) => name);
  const hasTimes = previews.some((other) => other.plan.role === 'edges' && other.plan.time !== null);
  return (
    <div className="columns-step">
      <section className="columns-fields scroll" aria-label="Match columns" data-region="Columns">
        <h2>Match columns</h2>
        {previews.length > 1 && (
          <div className="segmented interaction-files">
            {previews.map(({ path }, i) => (
              <button key={path} type="button" aria-pressed={i === at} onClick={() => state.show(i)}>
                {fileName(path)}
              </button>
            ))}
          </div>
        )}
        <div className="spread import-kind">
          <span className="secondary">A row is</span>
          <div className="segmented">
            {(['edges', 'nodes'] as const).map((role) => (
              <button
                key={role}
                type="button"
                aria-pressed={plan.role === role}
                onClick={() => plan.role !== role && choose('role', role)}
              >
                {role === 'edges' ? 'an interaction' : 'a user or item'}
              </button>
            ))}
          </div>
        </div>
        {fieldsOf(plan).map((field) =>
          field.input === 'name' ? (
            <NameRow
              key={`${at} ${plan.role} ${field.key}`}
              field={field}
              value={planValue(plan, field.key) ?? ''}
              choose={choose}
            />
          ) : (
            <ColumnRow
              key={`${plan.role} ${field.key}`}
              label={field.label}
              kind={field.kind}
              value={planValue(plan, field.key)}
              missing={!field.optional && planValue(plan, field.key) === null}
              preview={preview}
              choose={(column) => choose(field.key, column ?? NONE)}
            />
          ),
        )}
        {hasTimes && <ZoneRow timeZone={timeZone} setTimeZone={setTimeZone} />}
        <FeatureRows plan={plan} columns={featureColumns(plan, names)} preview={preview} choose={choose} />
      </section>
      <section className="columns-preview scroll" aria-label="Preview" data-region="Preview">
        <PreviewTable
          key={at}
          preview={preview}
          labelOf={(column) => takenFor(plan, column)}
          choice={state}
        />
      </section>
    </div>
  );
}

interface NameRowProps {
  field: PlanField;
  value: string;
  choose(field: string, value: string): void;
}

/** A name that is typed; what is typed counts once the field is left. */
function NameRow({ field: { key, label, kind }, value, choose }: NameRowProps) {
  const id = useId();
  return (
    <FieldRow id={id} label={label} kind={kind} note={'\u00a0'}>
      <input
        id={id}
        className="input"
        key={value}
        defaultValue={value}
        spellCheck={false}
        onBlur={(event) => {
          const name = event.target.value.trim();
          if (name && name !== value) choose(key, name);
        }}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    </FieldRow>
  );
}

interface FeatureRowsProps {
  plan: Plan;
  columns: readonly string[];
  preview: { columns: { name: string; samples: string[] }[] };
  choose(field: string, value: string): void;
}

/** How every other column is kept. */
function FeatureRows({ plan, columns, preview, choose }: FeatureRowsProps) {
  const id = useId();
  if (columns.length === 0) return null;
  return (
    <>
      <h3 className="interaction-features">Features</h3>
      {columns.map((column) => {
        const kind = plan.features[column];
        const sample = preview.columns.find(({ name }) => name === column)?.samples[0];
        return (
          <FieldRow
            key={column}
            id={`${id}-${column}`}
            label={column}
            kind="kept as"
            note={sample ?? '\u00a0'}
            absent={kind === undefined}
            raw
          >
            <select
              id={`${id}-${column}`}
              className="input"
              value={kind ?? NONE}
              onChange={(event) => choose(`kind:${column}`, event.target.value)}
            >
              <option value={NONE}>left out</option>
              {KINDS.map((known) => (
                <option key={known} value={known}>
                  {known}
                </option>
              ))}
            </select>
          </FieldRow>
        );
      })}
    </>
  );
}
