import type { ApiExplanation, InputGroup, RouteContributions, SimilarTrips } from '../../api/contract.ts';

/** What the words are made of. */
export type ExplainedFigures = Omit<
  ApiExplanation,
  'sentence' | 'details' | 'limits' | 'method' | 'inputs' | 'junctions'
> &
  Pick<RouteContributions, 'inputs' | 'junctions'> & {
    /** Minutes between the end of the last trip before the departure and the departure; null where there is none. */
    lastTripMinutes: number | null;
  };

const INPUT_LABELS: Readonly<Record<InputGroup, string>> = {
  here: 'Traffic on the way itself',
  around: 'Trips nearby, in the same direction',
  ahead: 'Traffic just ahead of each segment',
  behind: 'Traffic just behind each segment',
  sideRoads: 'Traffic on and about side roads',
  city: 'Traffic in the whole city',
  arrival: 'Reaching later parts at another time',
  other: 'Other live figures',
};

/** A difference under so many seconds, or under this share of the usual time, is none to speak of. */
const USUAL_S = 20;
const USUAL_SHARE = 0.03;
/** A stretch is named where so much of the difference is lost there. */
const NAMED_SHARE = 0.2;
/** Past so many minutes without a trip, nothing is known of traffic as it runs now. */
const SILENT_MINUTES = 60;

type Stretch = ApiExplanation['stretches'][number];

/** The figures with what is to be said of them. */
export function explanationOf(figures: ExplainedFigures): ApiExplanation {
  const { lastTripMinutes: _, ...answer } = figures;
  return {
    ...answer,
    inputs: figures.inputs.map(({ group, seconds }) => ({ group, label: INPUT_LABELS[group], seconds })),
    junctions: figures.junctions.map((junction) => ({ ...junction, label: junctionLabel(junction) })),
    sentence: explanationSentence(figures),
    details: explanationDetails(figures),
    limits: explanationLimits(figures),
    method: explanationMethod(figures),
  };
}

/** The answer in one sentence: how far from usual, and where. */
function explanationSentence(figures: ExplainedFigures): string {
  const { liveS, usualS, etaS } = figures;
  if (Math.abs(liveS) < Math.max(USUAL_S, USUAL_SHARE * usualS))
    return `About as long as usual at this hour: ${span(etaS)}, where ${span(usualS)} are usual.`;
  const than = `${span(Math.abs(liveS))} ${liveS > 0 ? 'longer' : 'less'} than usual at this hour`;
  const sign = Math.sign(liveS);
  const named = figures.stretches
    .filter((stretch) => sign * stretch.liveS >= NAMED_SHARE * Math.abs(liveS))
    .sort((a, b) => sign * (b.liveS - a.liveS))
    .slice(0, 2);
  if (named.length === 0) return `${than}, spread over the whole way.`;
  const [first, second] = named.map((stretch) => placeWords(stretch, figures.stretches));
  const also = second ? `, and ${span(Math.abs(named[1].liveS))} on ${second}` : '';
  return `${than}: ${span(Math.abs(named[0].liveS))} of it on ${first}${observedWords(named[0])}${also}.`;
}

/** What more there is to say, a sentence each. */
function explanationDetails(figures: ExplainedFigures): string[] {
  return [
    partsWords(figures),
    inputsWords(figures.inputs),
    junctionWords(figures.junctions),
    leavingWords(figures),
    otherWayWords(figures),
    figures.similar && similarWords(figures.similar, figures.depart),
  ].filter((words): words is string => typeof words === 'string');
}

/** What the explanation does not know. */
function explanationLimits(figures: ExplainedFigures): string[] {
  const { seldomM, dayTypeSeen, lastTripMinutes, similar } = figures;
  const wayM = figures.segments.reduce((sum, { lengthM }) => sum + lengthM, 0);
  const limits: string[] = [];
  if (lastTripMinutes === null || lastTripMinutes > SILENT_MINUTES)
    limits.push(
      `No trip had ended in the ${SILENT_MINUTES} min before the departure${
        lastTripMinutes === null ? '' : `; the last was ${hours(lastTripMinutes)} earlier`
      }: of traffic as it runs now the run knows next to nothing.`,
    );
  if (seldomM > 0.02 * wayM)
    limits.push(
      `${km(seldomM)} of the way were driven fewer than 10 times in training: what is usual there is taken from roads like them.`,
    );
  if (!dayTypeSeen) limits.push('Training had no trips on such a day: its hours are taken from other days.');
  if (!similar) limits.push('No trip of the project drove most of this way on such a day.');
  limits.push('It says what the model reckons with, not what caused the traffic.');
  return limits;
}

/** How it was worked out. */
function explanationMethod({ steps, gapS, medianHour }: RouteContributions): string {
  return (
    `Parts are differences of the run’s own predictions of this way: without signals and turns at ${clock(medianHour)}, with them, at the hour of the ` +
    `departure with traffic as usual, and with that of now; inputs share the last difference by integrated gradients in ${steps} steps, ` +
    `whose sum missed it by ${Math.abs(gapS).toFixed(1)} s.`
  );
}

function partsWords({
  etaS,
  freeFlowS,
  roadS,
  junctionsS,
  hourS,
  medianHour,
  depart,
}: ExplainedFigures): string {
  const hour = `${signedSpan(hourS)} the hour (${depart.slice(11, 13)}:00 against ${clock(medianHour)}, the median of that day)`;
  return `Of ${span(etaS)}, ${span(freeFlowS)} are free flow, ${signedSpan(roadS)} roads slower than their limit, ${signedSpan(junctionsS)} signals and turns, ${hour}.`;
}

function inputsWords(inputs: ExplainedFigures['inputs']): string | null {
  const told = inputs.filter(({ seconds }) => Math.abs(seconds) >= 5);
  if (told.length === 0) return null;
  const sorted = told.sort((a, b) => Math.abs(b.seconds) - Math.abs(a.seconds)).slice(0, 3);
  const words = sorted.map(
    ({ group, seconds }) => `${lowerFirst(INPUT_LABELS[group])} ${signedSpan(seconds)}`,
  );
  return `By input: ${words.join(', ')}.`;
}

function junctionWords([first]: ExplainedFigures['junctions']): string | null {
  if (!first || first.seconds < 5) return null;
  return `The dearest junction, at ${km(first.atM)}: ${junctionLabel(first)}, ${span(first.seconds)}.`;
}

/** "Left turn onto Rua do Sol, signal". */
function junctionLabel({ turn, onto, signal }: RouteContributions['junctions'][number]): string {
  const road = onto ? ` onto ${onto}` : '';
  if (!turn) return `Signal${road && ` before ${onto}`}`;
  const words =
    turn === 'uTurn' ? 'U-turn' : `${turn.replace(/[A-Z]/, (letter) => ` ${letter.toLowerCase()}`)} turn`;
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${road}${signal ? ', signal' : ''}`;
}

function leavingWords({ leaving, etaS }: ExplainedFigures): string | null {
  if (leaving.length === 0) return null;
  const words = leaving.map(
    ({ minutes, etaS: then }) =>
      `${Math.abs(minutes)} min ${minutes < 0 ? 'earlier' : 'later'} ${signedSpan(then - etaS)}`,
  );
  return `Leaving ${words.join(', ')}.`;
}

function otherWayWords({ otherWay, etaS }: ExplainedFigures): string | null {
  if (!otherWay) return null;
  const by = otherWay.via ? `, by ${otherWay.via},` : '';
  return `The quickest other way${by} takes ${span(otherWay.etaS)} (${signedSpan(otherWay.etaS - etaS)}).`;
}

const DAY_WORDS = { weekday: 'weekdays', saturday: 'Saturdays', sunday: 'Sundays' } as const;

function similarWords(similar: SimilarTrips, depart: string): string {
  const { count, withinMinutes, dayType, sharedShare, q10S, medianS, q90S } = similar;
  const when = withinMinutes === null ? '' : ` within ${withinMinutes} min of ${depart.slice(11, 16)}`;
  const trips = count === 1 ? 'One trip' : `${count} trips`;
  return `${trips} over ${Math.round(100 * sharedShare)} % of this way or more, on ${DAY_WORDS[dayType]}${when}, took ${span(medianS)}${
    count > 1 ? ` at the median, 8 of 10 ${span(q10S)}–${span(q90S)}` : ''
  }.`;
}

function placeWords({ name, fromM, untilM }: Stretch, all: readonly Stretch[]): string {
  const next = all.find((stretch) => stretch.fromM >= untilM - 0.5 && stretch.name && stretch.name !== name);
  const before = next ? ` before ${next.name}` : '';
  return `the ${km(untilM - fromM)} of ${name || `unnamed road at ${km(fromM)}`}${before}`;
}

function observedWords({ observed }: Stretch): string {
  if (!observed || Math.abs(observed.ratio - 1) < 0.05) return '';
  const { ratio, minutes, nearby } = observed;
  const slower = ratio > 1;
  const share = Math.round(100 * Math.abs(1 / ratio - 1));
  const who = nearby ? 'trips nearby' : 'traffic';
  return `, where ${who} in the last ${minutes} min ran ${share} % ${slower ? 'slower' : 'faster'} than expected`;
}

/** "40 s", "5.2 min", "26 min". */
function span(seconds: number): string {
  if (Math.abs(seconds) < 59.5) return `${Math.round(seconds)} s`;
  const minutes = seconds / 60;
  return `${minutes.toFixed(Math.abs(minutes) < 9.95 ? 1 : 0)} min`;
}

/** "+5.2 min", "−40 s". */
function signedSpan(seconds: number): string {
  const size = span(Math.abs(seconds));
  if (size === '0 s') return size;
  return `${seconds < 0 ? '−' : '+'}${size}`;
}

function km(metres: number): string {
  return metres < 995 ? `${Math.round(metres / 10) * 10} m` : `${(metres / 1000).toFixed(1)} km`;
}

function hours(minutes: number): string {
  if (minutes < 120) return `${Math.round(minutes)} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}

const clock = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
