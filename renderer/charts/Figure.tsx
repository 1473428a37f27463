import { Table2 } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import './charts.css';

export interface ChartTable {
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

interface FigureProps {
  title: string;
  /** Quantity and unit, at the right of the title. */
  quantity: ReactNode;
  table: ChartTable;
  children: ReactNode;
}

/** A chart with its title; the same figures can be read as a table. */
export function Figure({ title, quantity, table, children }: FigureProps) {
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  return (
    <figure className="figure" aria-labelledby={id}>
      <figcaption className="spread">
        <h3 id={id}>{title}</h3>
        <span className="row figure-end">
          <span className="note">{quantity}</span>
          <button
            type="button"
            className="button icon small plain figure-table-button"
            aria-pressed={asTable}
            aria-label={asTable ? `Show ${title} as chart` : `Show ${title} as table`}
            title={asTable ? 'Show as chart' : 'Show as table'}
            onClick={() => setAsTable(!asTable)}
          >
            <Table2 size={13} aria-hidden />
          </button>
        </span>
      </figcaption>
      {asTable ? <FigureTable table={table} /> : children}
    </figure>
  );
}

function FigureTable({ table }: { table: ChartTable }) {
  return (
    <div className="figure-table scroll">
      <table className="grid">
        <thead>
          <tr>
            {table.head.map((name) => (
              <th key={name} className="num">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={row[0]}>
              {table.head.map((name, column) => (
                <td key={name} className="num">
                  {row[column]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
