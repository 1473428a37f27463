import { useId } from 'react';
import { count, fileName } from '../../format/format.ts';
import { useInteractionImport } from '../../stores/interactionImport.ts';
import { DataTable } from '../../table/DataTable.tsx';
import { MalformedRow } from '../MalformedRow.tsx';
import { malformedOf } from '../malformed.ts';
import { inWords } from './plan.ts';

/** The data set as it will be: its name, what each file brings, and what would be left out. */
export function FilesCheck() {
  const state = useInteractionImport();
  const { previews, name, setName } = state;
  const id = useId();
  const first = previews.find((preview) => malformedOf(preview).length > 0);
  const malformed = first && malformedOf(first)[0];
  return (
    <div className="data-page scroll">
      <div className="import-narrow">
        <div className="field">
          <label htmlFor={id}>Name of the data set</label>
          <input
            id={id}
            className="input"
            value={name}
            spellCheck={false}
            onChange={(event) => setName(event.target.value)}
          />
          <span className="note">Recommenders and the command line choose it by this name.</span>
        </div>
        <DataTable
          label="Files of the data set"
          title={<h2>Files</h2>}
          className="tight"
          rows={previews}
          rowKey={({ path }) => path}
          columns={[
            { id: 'file', head: 'File', value: ({ path }) => fileName(path) },
            { id: 'format', head: 'Format', className: 'secondary', value: ({ format }) => format },
            { id: 'plan', head: 'Taken for', value: ({ plan }) => inWords(plan) },
            {
              id: 'read',
              head: 'Rows looked at',
              numeric: true,
              value: ({ rows }) => rows.length,
              cell: ({ rows }) => count(rows.length),
            },
            {
              id: 'problems',
              head: 'Left out of them',
              numeric: true,
              value: ({ problems }) => problems.length,
            },
          ]}
        />
        {first && malformed && (
          <MalformedRow
            message={`${fileName(first.path)}, line ${malformed.line}: ${malformed.message}`}
            column={malformed.column}
            count={malformedOf(first).length}
            choice={state}
          />
        )}
        <p className="secondary">Whatever is left out stands in the report, with its reasons.</p>
      </div>
    </div>
  );
}
