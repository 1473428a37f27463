import type { RoadNetwork } from '../network.ts';
import { TimedSums } from '../profiles/timedSums.ts';
import type { TripSet } from '../trips.ts';
import type { Baseline } from './baseline.ts';
import { heldOutInterval } from './heldOut.ts';
import { historicalTimesS } from './historical.ts';
import { type HistoricalProfile, historicalProfile } from './historicalProfile.ts';

const WINDOW_S = 30 * 60;
/** Pseudo-observations at the historical time, for a segment's and for the city's current ratio. */
const SHRINK_TRAVERSALS = 2;
const SHRINK_TRIPS = 12;

/**
 * Current speed: what segments took in the last half hour, by traversals that had ended before the departure,
 * filled up with history; where only whole trips are known, history times how the city's trips that had ended
 * within it compare with history.
 */
export const live: Baseline = {
  id: 'live',
  async fit(network, train, context, options = { intervals: true }) {
    const profile = historicalProfile(network, train);
    const fitPart = (part: TripSet) => {
      const traffic = currentTraffic(network, historicalProfile(network, part), train);
      return (trips: TripSet) => traffic.timesS(trips);
    };
    const around = await heldOutInterval(train, fitPart, context, options);
    return {
      predict: (trips, observed) => around(currentTraffic(network, profile, observed).timesS(trips)),
    };
  },
};

/** Made once for a profile and what was observed: the blend of it and history asks for the same. */
const known = new WeakMap<HistoricalProfile, WeakMap<TripSet, CurrentTraffic>>();

export function currentTraffic(
  network: RoadNetwork,
  profile: HistoricalProfile,
  observed: TripSet,
): CurrentTraffic {
  let ofProfile = known.get(profile);
  if (!ofProfile) {
    ofProfile = new WeakMap();
    known.set(profile, ofProfile);
  }
  let traffic = ofProfile.get(observed);
  if (!traffic) {
    traffic = new CurrentTraffic(network, profile, observed);
    ofProfile.set(observed, traffic);
  }
  return traffic;
}

/** What segments took against history in the last half hour before each departure. */
class CurrentTraffic {
  readonly #profile: HistoricalProfile;
  /** Quantities of ended trips: seconds, historical seconds. */
  readonly #city: TimedSums;
  /** Quantities of ended traversals: seconds, historical seconds. */
  readonly #segments: TimedSums | undefined;

  constructor(network: RoadNetwork, profile: HistoricalProfile, observed: TripSet) {
    this.#profile = profile;
    const usual = historicalTimesS(profile, observed);
    const known = [...observed.totalS.keys()].filter((trip) => observed.totalS[trip] > 0);
    this.#city = new TimedSums(
      1,
      new Uint8Array(known.length),
      known.map((trip) => observed.departS[trip] + observed.totalS[trip]),
      [known.map((trip) => observed.totalS[trip]), known.map((trip) => usual[trip])],
    );
    this.#segments = observed.segmentS && endedTraversals(network, profile, observed);
  }

  /** [N] */
  timesS(trips: TripSet): Float32Array {
    return Float32Array.from({ length: trips.count }, (_, trip) =>
      this.traversalsS(trips, trip).reduce((total, seconds) => total + seconds, 0),
    );
  }

  /** [traversals of the trip] seconds of each, at the hour in which it is reached. */
  traversalsS(trips: TripSet, trip: number): number[] {
    const departS = trips.departS[trip];
    const cityRatio = this.#cityRatio(departS);
    const seconds: number[] = [];
    let elapsedS = 0;
    for (let k = trips.offsets[trip]; k < trips.offsets[trip + 1]; k++) {
      const segment = trips.segments[k];
      const usualS = this.#profile.segmentS(segment, trips.localDepartS[trip] + elapsedS);
      const traversalS = usualS * this.#segmentRatio(segment, departS, cityRatio);
      seconds.push(traversalS);
      elapsedS += traversalS;
    }
    return seconds;
  }

  #cityRatio(timeS: number): number {
    const until = this.#city.position(0, timeS);
    const from = this.#city.position(0, timeS - WINDOW_S);
    if (from === until) return 1;
    const pull = (SHRINK_TRIPS * this.#city.sum(1, from, until)) / (until - from);
    return (this.#city.sum(0, from, until) + pull) / (this.#city.sum(1, from, until) + pull);
  }

  #segmentRatio(segment: number, timeS: number, cityRatio: number): number {
    if (!this.#segments) return cityRatio;
    const until = this.#segments.position(segment, timeS);
    const from = this.#segments.position(segment, timeS - WINDOW_S);
    if (from === until) return cityRatio;
    const pull = (SHRINK_TRAVERSALS * this.#segments.sum(1, from, until)) / (until - from);
    return (
      (this.#segments.sum(0, from, until) + pull * cityRatio) / (this.#segments.sum(1, from, until) + pull)
    );
  }
}

function endedTraversals(network: RoadNetwork, profile: HistoricalProfile, observed: TripSet): TimedSums {
  const segment: number[] = [];
  const endedAtS: number[] = [];
  const seconds: number[] = [];
  const usual: number[] = [];
  for (let trip = 0; trip < observed.count; trip++) {
    let elapsedS = 0;
    for (let k = observed.offsets[trip]; k < observed.offsets[trip + 1]; k++) {
      const traversalS = observed.segmentS![k];
      elapsedS += traversalS;
      // After a gap nobody can tell when a traversal ended: it is known with the trip's end.
      const afterS = Number.isNaN(elapsedS) ? observed.totalS[trip] : elapsedS;
      if (!(traversalS >= 0 && afterS >= 0)) continue;
      segment.push(observed.segments[k]);
      endedAtS.push(observed.departS[trip] + afterS);
      seconds.push(traversalS);
      usual.push(profile.segmentS(observed.segments[k], observed.localDepartS[trip]));
    }
  }
  return new TimedSums(network.segmentCount, segment, endedAtS, [seconds, usual]);
}
