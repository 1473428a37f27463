import type { ApiExplanation, ApiRouteAnswer } from '@etalon/core/api/contract';
import { explanationOf } from '../../core/app/explain/explanationWords.ts';
import { stretchesOf } from '../../core/app/explain/stretches.ts';

/** What an invented run says of an invented route: a jam two thirds of the way along it, at most of its minutes over usual. */
export function mockExplanation(
  route: Pick<ApiRouteAnswer, 'depart' | 'etaS' | 'freeFlowS' | 'profile'>,
  nameOf: (segment: number) => string,
): ApiExplanation {
  const { profile, etaS, freeFlowS, depart } = route;
  const jam = Math.floor((2 * profile.length) / 3);
  const segments = profile.map((row, i) => {
    const before = profile[i - 1] ?? { distanceM: 0, elapsedS: 0, freeFlowS: 0 };
    const freeS = row.freeFlowS - before.freeFlowS;
    const delayS = row.elapsedS - before.elapsedS - freeS;
    const share = Math.abs(i - jam) <= 2 ? 0.7 : i % 5 === 0 ? -0.3 : 0.05;
    return {
      segment: row.segment,
      lengthM: row.distanceM - before.distanceM,
      freeFlowS: freeS,
      roadS: 0.2 * delayS,
      junctionsS: 0.15 * delayS,
      hourS: (0.65 - share) * delayS,
      liveS: share * delayS,
      causedS: share * delayS * 0.8,
      observed: { ratio: 1 + share, minutes: 15, nearby: false },
    };
  });
  const total = (part: 'roadS' | 'junctionsS' | 'hourS' | 'liveS') =>
    segments.reduce((sum, segment) => sum + segment[part], 0);
  const liveS = total('liveS');
  const groups = {
    here: 0.7,
    around: 0.1,
    ahead: 0.2,
    behind: 0,
    sideRoads: 0.06,
    city: -0.06,
    arrival: 0,
    other: 0,
  };
  const then = (minutes: number) => ({
    minutes,
    etaS: etaS * (1 + minutes / 300),
    lowS: 0.87 * etaS,
    highS: 1.2 * etaS,
  });
  return explanationOf({
    depart,
    etaS,
    usualS: etaS - liveS,
    freeFlowS,
    roadS: total('roadS'),
    junctionsS: total('junctionsS'),
    hourS: total('hourS'),
    liveS,
    medianHour: 13,
    inputs: Object.entries(groups).map(([group, share]) => ({
      group: group as keyof typeof groups,
      seconds: share * liveS,
    })),
    segments,
    junctions: [
      {
        atM: profile[jam]!.distanceM,
        signal: true,
        turn: 'left',
        from: '',
        onto: 'Weir Street',
        seconds: 31,
      },
      { atM: profile[0]!.distanceM, signal: true, turn: null, from: '', onto: '', seconds: 12 },
    ],
    leaving: [-30, -15, 15, 30].map(then),
    otherWay: {
      via: 'Weir Street',
      distanceM: 6100,
      etaS: etaS * 1.08,
      lowS: etaS * 0.94,
      highS: etaS * 1.3,
    },
    seldomM: 420,
    dayTypeSeen: true,
    steps: 32,
    gapS: 0.2,
    stretches: stretchesOf(segments, nameOf),
    similar: {
      count: 34,
      withinMinutes: 30,
      dayType: 'weekday',
      sharedShare: 0.8,
      q10S: 0.8 * etaS,
      medianS: 0.93 * etaS,
      q90S: 1.2 * etaS,
    },
    lastTripMinutes: 0.4,
  });
}
