import type { Theme } from '../theme/theme.ts';

/** Ends of the classes of relative change of travel time; the outer classes have no other end. */
export const CHANGE_BREAKS = [-0.08, -0.04, -0.01, 0.01, 0.04, 0.08] as const;

/** From much quicker to much slower than in the base case, one colour per class. */
export const CHANGE_RAMP: Readonly<Record<Theme, readonly string[]>> = {
  light: ['#0e492a', '#2a7e4f', '#75b68c', '#d2d1cb', '#b296d2', '#7f53ac', '#4d2472'],
  dark: ['#97eebc', '#5abb88', '#3b7e5a', '#494843', '#7f5ba6', '#bd8be8', '#e3c1fe'],
};
