/** Users or items that are looked at together because they are about as active, or as popular. */
export interface Bucket {
  /** Known interactions of the least and of the most active (popular) of them. */
  readonly least: number;
  readonly most: number;
}

export interface Bucketing {
  readonly buckets: readonly Bucket[];
  /** [rows] */
  readonly bucketOf: Int32Array;
}

/**
 * Cuts rows into at most `count` buckets of about the same total `size`, from the smallest `degree` up; rows of one degree
 * stay together. Size 1 each gives buckets of as many rows, size degree buckets of as many interactions.
 */
export function bucketsBy(
  degree: ArrayLike<number>,
  size: (row: number) => number,
  count: number,
): Bucketing {
  const rows = Array.from({ length: degree.length }, (_, row) => row).sort((a, b) => degree[a] - degree[b]);
  const total = rows.reduce((sum, row) => sum + size(row), 0);
  const buckets: { least: number; most: number }[] = [];
  const bucketOf = new Int32Array(degree.length);
  let sum = 0;
  let next = 0;
  rows.forEach((row, i) => {
    const goesOn = i > 0 && degree[rows[i - 1]] === degree[row];
    if (i === 0 || (!goesOn && sum >= next)) {
      buckets.push({ least: degree[row], most: degree[row] });
      next = (buckets.length * total) / count;
    }
    sum += size(row);
    buckets[buckets.length - 1].most = degree[row];
    bucketOf[row] = buckets.length - 1;
  });
  return { buckets, bucketOf };
}
