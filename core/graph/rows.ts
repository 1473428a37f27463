/**
 * Copies rows of a table [n, width] one after another to the front of `into`. Rows that are neighbours in the table as in the list
 * go at once, which are most of them where nodes are numbered by place.
 */
export function gatherRows(table: Float32Array, width: number, rows: Int32Array, into: Float32Array): void {
  forEachRun(rows, (at, first, count) => {
    copyRun(table, first * width, into, at * width, count * width);
  });
}

/** The reverse: copies the first rows of `from` to the given rows of a table. */
export function scatterRows(from: Float32Array, width: number, rows: Int32Array, table: Float32Array): void {
  forEachRun(rows, (at, first, count) => {
    copyRun(from, at * width, table, first * width, count * width);
  });
}

function forEachRun(rows: Int32Array, copy: (at: number, first: number, count: number) => void): void {
  for (let begin = 0; begin < rows.length; ) {
    let end = begin + 1;
    while (end < rows.length && rows[end] === rows[end - 1] + 1) end++;
    copy(begin, rows[begin], end - begin);
    begin = end;
  }
}

/** A call of `set` costs as much as copying this many values by hand. */
const BY_HAND = 128;

function copyRun(from: Float32Array, begin: number, to: Float32Array, at: number, count: number): void {
  if (count > BY_HAND) to.set(from.subarray(begin, begin + count), at);
  else for (let k = 0; k < count; k++) to[at + k] = from[begin + k];
}
