import type { ApiExplanation } from '../api/types.ts';
import { LAYERS } from '../map/layers.ts';
import { layerClass } from '../map/ramp.ts';
import type { Theme } from '../theme/theme.ts';

/** Ends of the classes of seconds per kilometre over the usual time; under −60 is quickest. */
export const LATER_BREAKS = [-60, -20, -5, 5, 20, 60] as const;

/** Green: quicker than usual; purple: slower. One colour per class. */
export const LATER_RAMP: Readonly<Record<Theme, readonly string[]>> = LAYERS.difference.ramp;

/** Class of a part of the route by how much longer than usual it takes for its length. */
export function laterClass({ liveS, lengthM }: { liveS: number; lengthM: number }): number {
  return layerClass((1000 * liveS) / Math.max(1, lengthM), LATER_BREAKS);
}

/** A bar of the waterfall: from one running sum to the next, or from zero to a sum. */
export interface Step {
  label: string;
  fromS: number;
  untilS: number;
  kind: 'start' | 'change' | 'usual' | 'predicted';
}

/** Inputs of less are drawn together. */
const SMALL_S = 3;

/** What adds up to the ETA, in order: free flow, what is usual on top, that sum, what live traffic changes, the ETA. */
export function waterfall(why: ApiExplanation): Step[] {
  const steps: Step[] = [{ label: 'Free flow', fromS: 0, untilS: why.freeFlowS, kind: 'start' }];
  let sum = why.freeFlowS;
  const change = (label: string, seconds: number) => {
    steps.push({ label, fromS: sum, untilS: sum + seconds, kind: 'change' });
    sum += seconds;
  };
  change('Slower roads', why.roadS);
  change('Signals and turns', why.junctionsS);
  change(`Hour, against ${why.medianHour}:00`, why.hourS);
  steps.push({ label: 'Usual at this hour', fromS: 0, untilS: why.usualS, kind: 'usual' });
  sum = why.usualS;
  const told = why.inputs.filter(({ seconds }) => Math.abs(seconds) >= SMALL_S);
  for (const { group, seconds } of told.toSorted((a, b) => Math.abs(b.seconds) - Math.abs(a.seconds)))
    change(SHORT_LABELS[group], seconds);
  const restS = why.etaS - sum;
  if (Math.abs(restS) >= SMALL_S) change('Other inputs', restS);
  steps.push({ label: 'Predicted', fromS: 0, untilS: why.etaS, kind: 'predicted' });
  return steps;
}

/** The server's labels are longer than an inspector has room for beside a bar. */
const SHORT_LABELS: Readonly<Record<ApiExplanation['inputs'][number]['group'], string>> = {
  here: 'Traffic here, now',
  around: 'Trips nearby',
  ahead: 'Traffic ahead',
  behind: 'Traffic behind',
  sideRoads: 'Side roads',
  city: 'The whole city',
  arrival: 'Reached later',
  other: 'Other live figures',
};
