/** The mark of each side: a circle, a square, and a dash for a baseline. Colour is never alone. */
export function SideMark({ side, baseline = false }: { side: 'a' | 'b'; baseline?: boolean }) {
  return (
    <svg width={9} height={9} aria-hidden className="side-mark">
      {baseline ? (
        <line
          x1={0}
          x2={9}
          y1={4.5}
          y2={4.5}
          stroke="var(--baseline)"
          strokeWidth={2}
          strokeDasharray="3 2"
        />
      ) : side === 'a' ? (
        <circle cx={4.5} cy={4.5} r={4} fill="var(--run-1)" />
      ) : (
        <rect x={1} y={1} width={7} height={7} fill="var(--run-2)" />
      )}
    </svg>
  );
}

/** Space at the right of a chart for the longer of two names. */
export const namesPx = (a: string, b: string): number =>
  Math.min(180, 16 + 6.8 * Math.max(a.length, b.length, 'perfect'.length));

export const sideColour = (side: 'a' | 'b', baseline = false): string =>
  side === 'a' ? 'var(--run-1)' : baseline ? 'var(--baseline)' : 'var(--run-2)';
