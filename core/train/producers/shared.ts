type Column = Int32Array | Uint32Array | Float32Array;

/** The same columns (a graph, an adjacency, features) with every array in shared memory: threads then have one copy in all. */
export function shareColumns<T extends object>(columns: T): T {
  return Object.fromEntries(
    Object.entries(columns).map(([name, value]) => [name, isColumn(value) ? share(value) : value]),
  ) as T;
}

function isColumn(value: unknown): value is Column {
  return value instanceof Int32Array || value instanceof Uint32Array || value instanceof Float32Array;
}

function share(column: Column): Column {
  const buffer = new SharedArrayBuffer(column.byteLength);
  const copy = new (column.constructor as new (buffer: SharedArrayBuffer) => Column)(buffer);
  copy.set(column);
  return copy;
}
