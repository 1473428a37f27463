import { count } from '../format/format.ts';

/** How many supersegments hold a segment: a ramp of its own, green from pale to deep; dark themes reverse lightness. */
export const COVERAGE_RAMP = {
  light: ['#c3dcc4', '#8fbf9f', '#539a7c', '#24705e', '#0c4238'],
  dark: ['#2c4640', '#3d6c5e', '#59957f', '#86bfa2', '#c9ecd0'],
} as const;

export const coverageText = (value: number): string =>
  value > 0 ? `in ${count(value)} supersegment${value === 1 ? '' : 's'}` : 'not covered';
