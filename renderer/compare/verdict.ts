import type { ApiRunComparison } from '../api/types.ts';
import { fixed } from '../format/format.ts';

type Metric = ApiRunComparison['metrics'][number];
type Slice = ApiRunComparison['slices'][number];

/** How much worse `a` is than `b`: negative where it is better. The ends are those of the 95 % interval, where there is one. */
export interface Gap {
  value: number;
  low: number | null;
  high: number | null;
}

/** What a nominal figure should be: its name begins with the share of an interval; a bias should be none. */
export const nominalOf = ({ name }: Metric): number => Number(/^(\d+)\s*%/.exec(name)?.[1] ?? 0);

export function gapOf(metric: Metric): Gap {
  const { a, b, difference, low, high, betterWhen } = metric;
  if (betterWhen === 'lower') return { value: difference, low, high };
  const nominal = nominalOf(metric);
  const value = Math.abs(a - nominal) - Math.abs(b - nominal);
  // On either side of the nominal figure an interval of the difference says nothing about the distances.
  if (low === null || high === null || (a - nominal) * (b - nominal) < 0)
    return { value, low: null, high: null };
  return a < nominal || b < nominal ? { value, low: -high, high: -low } : { value, low, high };
}

export const sliceGap = ({ difference, low, high }: Slice): Gap => ({ value: difference, low, high });

export type Outcome = 'better' | 'worse' | 'unclear';

/** What is written as 0.0 is no difference. */
const NOTHING = 0.05;

/** Which way a gap goes; unclear where its interval holds zero, or, without one, where it is nothing. */
export function outcome({ value, low, high }: Gap): Outcome {
  const holdsZero = low !== null && high !== null ? low <= 0 && high >= 0 : Math.abs(value) < NOTHING;
  if (holdsZero) return 'unclear';
  return value < 0 ? 'better' : 'worse';
}

/** "−6.2 to −4.9". */
export const intervalText = ({ low, high }: Gap, digits = 1): string =>
  low === null || high === null ? 'not known' : `${fixed(low, digits)} to ${fixed(high, digits)}`;

export interface Verdict {
  /** What counts most. */
  lead: string;
  /** What speaks against it, or how sure it is. */
  rest: string;
}

/** The comparison in words: the mean error first, then where `a` gains and loses most. Never without its losses. */
export function verdict(comparison: ApiRunComparison): Verdict {
  const { a, b, metrics, slices, speedsByHorizon } = comparison;
  if (speedsByHorizon) return speedsVerdict(comparison, speedsByHorizon);
  const mae = metrics.find((metric) => metric.name === 'MAE') ?? metrics[0];
  if (!mae) return { lead: `${a.name} and ${b.name} have no figure in common.`, rest: '' };
  const gap = gapOf(mae);
  const found = outcome(gap);
  const known = gap.low !== null;
  const gains = slices.filter((slice) => outcome(sliceGap(slice)) === 'better').sort(byValue);
  const losses = slices.filter((slice) => outcome(sliceGap(slice)) === 'worse').sort((x, y) => byValue(y, x));
  const amount = (value: number) => `${fixed(Math.abs(value))} ${mae.unit}`;
  const lead =
    found === 'unclear'
      ? `${a.name} and ${b.name} do not differ clearly in mean error.`
      : `${a.name} is ${amount(gap.value)} ${found} in mean error${also((found === 'better' ? gains : losses)[0], gap.value, mae.unit, found)}.`;
  const against = found === 'worse' ? gains : losses;
  const word = found === 'worse' ? 'better' : 'worse';
  const worseMetrics = metrics.filter((metric) => metric !== mae && outcome(gapOf(metric)) === word);
  const rest = [
    against.length > 0 &&
      `It is ${amount(against[0]!.difference)} ${word} ${placeOf(against[0]!)}${more(against.length - 1)}.`,
    worseMetrics.length > 0 && `It is ${word} in ${listOf(worseMetrics.map((metric) => metric.name))}.`,
    !known && 'These are means without an interval: a small difference may be chance.',
  ];
  return { lead, rest: rest.filter(Boolean).join(' ') };
}

/** The mean error at each horizon, the gains first; then what other figures are worse, or better where the errors are not. */
function speedsVerdict(
  { a, b, metrics }: ApiRunComparison,
  horizons: NonNullable<ApiRunComparison['speedsByHorizon']>,
): Verdict {
  const at = (which: Outcome) =>
    horizons.filter(({ difference, low, high }) => outcome({ value: difference, low, high }) === which);
  const amounts = (which: Outcome) =>
    listed(
      at(which).map(({ difference, minutes }) => `${fixed(Math.abs(difference), 2)} km/h at ${minutes} min`),
    );
  const [gains, losses, unclear] = [at('better'), at('worse'), at('unclear')];
  const isBetter = gains.length > 0;
  const lead =
    gains.length + losses.length === 0
      ? `${a.name} and ${b.name} do not differ clearly in mean error at any horizon.`
      : `${a.name} is ${isBetter ? 'better' : 'worse'} in mean error: by ${amounts(isBetter ? 'better' : 'worse')}.`;
  const against = isBetter || losses.length === 0 ? 'worse' : 'better';
  const others = metrics.filter(
    (metric) => !metric.name.startsWith('MAE') && outcome(gapOf(metric)) === against,
  );
  const rest = [
    isBetter && losses.length > 0 && `It is worse by ${amounts('worse')}.`,
    gains.length + losses.length > 0 &&
      unclear.length > 0 &&
      `At ${listed(unclear.map(({ minutes }) => `${minutes} min`))} they do not differ clearly.`,
    others.length > 0 && `It is ${against} in ${listOf(others.map((metric) => metric.name))}.`,
    horizons.some(({ low }) => low === null) &&
      'These are means without an interval: a small difference may be chance.',
  ];
  return { lead, rest: rest.filter(Boolean).join(' ') };
}

/** Where the leading side gains most, where that is well above its mean; nothing otherwise. */
function also(most: Slice | undefined, whole: number, unit: string, word: Outcome): string {
  if (!most || Math.abs(most.difference) <= 1.2 * Math.abs(whole)) return '';
  return `, and ${fixed(Math.abs(most.difference))} ${unit} ${word} ${placeOf(most)}`;
}

const byValue = (x: Slice, y: Slice): number => x.difference - y.difference;

/** "between 08–09 h", "on trips of 2–5 km", "on Monday". */
function placeOf({ by, label }: Slice): string {
  if (by === 'hour') return `at ${label}`;
  if (by === 'weekday') return `on ${label}`;
  if (by === 'length') return label.startsWith('over') ? `on trips ${label}` : `on trips of ${label}`;
  if (by === 'class') return `on ${label} roads`.replace(/ roads roads$/, ' roads');
  return `in ${label} traffic`.replace(/ traffic traffic$/, ' traffic');
}

const more = (count: number): string =>
  count === 0 ? '' : `, and in ${count} other ${count === 1 ? 'slice' : 'slices'}`;

function listOf(names: readonly string[]): string {
  const plain = names.map((name) =>
    /^[A-Z][a-z]/.test(name) ? name[0]!.toLowerCase() + name.slice(1) : name,
  );
  return listed(plain);
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
