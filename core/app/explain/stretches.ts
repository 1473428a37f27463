import type { ApiExplanation, RouteContributions } from '../../api/contract.ts';

type Segment = RouteContributions['segments'][number];
type Stretch = ApiExplanation['stretches'][number];

/** A longer road is cut, so that a jam on a part of it shows. */
const LONGEST_M = 800;

const PARTS = ['freeFlowS', 'roadS', 'junctionsS', 'hourS', 'liveS', 'causedS'] as const;

/** Consecutive segments of one road, sums of their parts. `nameOf` a segment, '' where it has none. */
export function stretchesOf(segments: readonly Segment[], nameOf: (segment: number) => string): Stretch[] {
  const stretches: { first: Segment; rows: Segment[]; fromM: number; untilM: number }[] = [];
  for (const row of segments) {
    const last = stretches.at(-1);
    const fromM = last?.untilM ?? 0;
    const isSame = last && nameOf(last.first.segment) === nameOf(row.segment);
    if (isSame && fromM - last.fromM + row.lengthM <= LONGEST_M) {
      last.rows.push(row);
      last.untilM += row.lengthM;
    } else stretches.push({ first: row, rows: [row], fromM, untilM: fromM + row.lengthM });
  }
  return stretches.map(({ first, rows, fromM, untilM }) => {
    const sums = Object.fromEntries(
      PARTS.map((part) => [part, rows.reduce((sum, row) => sum + row[part], 0)]),
    ) as Pick<Stretch, (typeof PARTS)[number]>;
    return { name: nameOf(first.segment), fromM, untilM, ...sums, observed: observedAlong(rows) };
  });
}

/** Of what was seen of its segments, the kind that tells of most of the stretch: their mean, weighted by length. */
function observedAlong(rows: readonly Segment[]): Stretch['observed'] {
  const kinds = new Map<string, { minutes: number; nearby: boolean; metres: number; weighted: number }>();
  for (const { observed, lengthM } of rows) {
    if (!observed) continue;
    const { minutes, nearby, ratio } = observed;
    const key = `${minutes} ${nearby}`;
    const kind = kinds.get(key) ?? { minutes, nearby, metres: 0, weighted: 0 };
    kind.metres += lengthM;
    kind.weighted += lengthM * ratio;
    kinds.set(key, kind);
  }
  const [most] = [...kinds.values()].sort((a, b) => b.metres - a.metres);
  return most ? { ratio: most.weighted / most.metres, minutes: most.minutes, nearby: most.nearby } : null;
}
