import { memo } from 'react';

type XY = readonly [number, number];

const WIDTH = 840;
const HEIGHT = 840;
const CENTRE: XY = [380, 350];

/** A drawing of an invented city, not data: a warped street grid, a ring with radial roads, a river and parks. */
export const Backdrop = memo(function Backdrop() {
  return (
    <svg
      className="backdrop"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="xMinYMid slice"
      aria-hidden
    >
      <rect width={WIDTH} height={HEIGHT} fill="var(--ground)" />
      <g fill="none" stroke="var(--road-minor)" strokeWidth="0.8">
        {GRID.map((d) => (
          <path key={d} d={d} />
        ))}
      </g>
      <g fill="var(--parks)">
        <path d="M398 268c30-32 92-24 108 4s-26 52-64 48-66-30-44-52Z" />
        <path d="M690 150c34-26 120-18 150-8v104c-50 18-110 10-134-18s-42-56-16-78Z" />
        <path d="M176 600c26-20 78-10 96 18s-10 62-52 58-74-52-44-76Z" />
        <path d="M384 792c20-18 70-16 90 4s-4 44-40 44-68-32-50-48Z" />
      </g>
      <path
        d="M-20 268C80 330 120 420 240 428s180 20 240 90 90 150 150 170"
        fill="none"
        stroke="var(--water)"
        strokeWidth="44"
      />
      <path d="M604 668c60-90 130-110 190-84s60 60 60 60v220H560s-30-80 44-196Z" fill="var(--water)" />
      <g fill="none" strokeLinecap="round">
        {MAIN.map(({ d, width }) => (
          <path key={d} d={d} stroke="var(--ground)" strokeWidth={width + 5} />
        ))}
        {MAIN.map(({ d, width }) => (
          <path key={`${d} road`} d={d} stroke="var(--road-plain)" strokeWidth={width} />
        ))}
        {MAIN.filter(({ width }) => width > 4).map(({ d }) => (
          <path key={`${d} middle`} d={d} stroke="var(--ground)" strokeWidth="1.2" />
        ))}
      </g>
    </svg>
  );
});

/** Bends the plane a little, so that nothing is straight. */
function warp([x, y]: XY): XY {
  return [
    x + 26 * Math.sin(y / 170) + 10 * Math.sin(x / 90 + y / 240),
    y + 24 * Math.sin(x / 190 + 1) + 8 * Math.cos(y / 110),
  ];
}

const line = (points: readonly XY[]): string =>
  points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');

const steps = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count + 1 }, (_, i) => from + ((to - from) * i) / count);

const GRID: string[] = [
  ...steps(-40, WIDTH + 40, 40).map((x) => line(steps(-40, HEIGHT + 40, 26).map((y) => warp([x, y])))),
  ...steps(-40, HEIGHT + 40, 40).map((y) => line(steps(-40, WIDTH + 40, 26).map((x) => warp([x, y])))),
];

const ring = (radius: number): string => {
  const [x, y] = CENTRE;
  return `M${x - radius} ${y}a${radius} ${radius * 0.86} 0 1 1 ${radius * 2} 0a${radius} ${radius * 0.86} 0 1 1 ${-radius * 2} 0`;
};

function radial(angleDeg: number, from: number, to: number, width: number) {
  const angle = (angleDeg * Math.PI) / 180;
  const points = steps(from, to, 14).map((r): XY => {
    const [x, y] = [CENTRE[0] + r * Math.cos(angle), CENTRE[1] + r * 0.86 * Math.sin(angle)];
    const [wx, wy] = warp([x, y]);
    const share = Math.min(1, (r - from) / 120);
    return [x + (wx - x) * share, y + (wy - y) * share];
  });
  return { d: line(points), width };
}

const MAIN = [
  ...[20, 75, 135, 165, 212, 258, 290, 338].map((angle, i) => radial(angle, 62, 720, i % 3 === 0 ? 5 : 3)),
  { d: ring(62), width: 4 },
  { d: 'M-20 96C120 150 200 120 320 128s300-60 560-40', width: 5 },
  { d: 'M600 -20c60 90 110 160 110 320s-30 240-60 300', width: 5 },
  { d: 'M140 -20c-10 160 30 300 20 460s-40 260-40 420', width: 4 },
  { d: 'M-20 740c160-30 260 10 380-60s120-170 200-230', width: 4 },
];
