import { COEFFICIENTS, decompressWeek } from './speedCodec.ts';
import { BIN_S, isDaytime, meanKmh, toMondayFirst, WEEK_BINS } from './weekBins.ts';

/** What is known of a segment's speeds through the week. */
export interface SegmentSpeeds {
  /** [2016] km/h of each five minutes from Monday 00:00 local time on; null where only the two below are known. */
  week: Float32Array | null;
  /** Typical km/h by night and between 7 and 19 o'clock; 0 where unknown. */
  freeFlowKmh: number;
  constrainedKmh: number;
}

/** Where weekly speeds come from: a trained run, the history of the trips, or imported profiles. */
export interface SpeedSource {
  /** For a person: "eta-1, asked every 30 minutes of a week". */
  readonly description: string;
  /** Null where there are none for the segment. */
  of(segment: number): SegmentSpeeds | null;
}

/** Weekly speeds of `P` segments, as Valhalla holds them. */
export interface WeeklyProfiles {
  /** [P] the segments, ascending. */
  readonly segments: Int32Array;
  /** [P] which row of `coefficients` is the segment's week, −1 where none is known. Segments may share one. */
  readonly rows: Int32Array;
  /** [rows · 200] of `compressWeek`: the week begins on Sunday 00:00 local time. */
  readonly coefficients: Int16Array;
  /** [P] km/h by night and by day; 0 where unknown. */
  readonly freeFlowKmh: Float32Array;
  readonly constrainedKmh: Float32Array;
}

/** Imported profiles as a source: the speeds that the file gave. */
export function profileSource(profiles: WeeklyProfiles): SpeedSource {
  const places = new Map(Array.from(profiles.segments, (segment, at) => [segment, at]));
  return {
    description: 'imported historical speeds',
    of(segment) {
      const at = places.get(segment);
      if (at === undefined) return null;
      const row = profiles.rows[at];
      return {
        week: row < 0 ? null : toMondayFirst(decompressWeek(rowOf(profiles, row))),
        freeFlowKmh: profiles.freeFlowKmh[at],
        constrainedKmh: profiles.constrainedKmh[at],
      };
    },
  };
}

function rowOf({ coefficients }: WeeklyProfiles, row: number): Int16Array {
  return coefficients.subarray(row * COEFFICIENTS, (row + 1) * COEFFICIENTS);
}

/** A week with the two speeds that follow from it: Valhalla's free flow is that of the night, 19 to 7 o'clock. */
export function speedsOfWeek(week: Float32Array): SegmentSpeeds {
  return {
    week,
    freeFlowKmh: meanKmh(week, (bin) => !isDaytime(bin)),
    constrainedKmh: meanKmh(week, isDaytime),
  };
}

/** Speeds of all segments at evenly spaced times of a week. */
export interface WeekSamples {
  /** [count · S] km/h, sample after sample; NaN where there is none. */
  readonly speedsKmh: Float32Array;
  readonly segmentCount: number;
  /** Seconds from Monday 00:00 to the first sample, and from each to the next; they go round the week. */
  readonly offsetS: number;
  readonly stepS: number;
}

/** Samples as a source: between two of them the speed changes evenly. A bin has the speed of its middle. */
export function sampledSource(samples: WeekSamples, description: string): SpeedSource {
  const { speedsKmh, segmentCount, offsetS, stepS } = samples;
  const count = speedsKmh.length / segmentCount;
  return {
    description,
    of(segment) {
      const at = (sample: number): number =>
        speedsKmh[(((sample % count) + count) % count) * segmentCount + segment];
      const week = new Float32Array(WEEK_BINS);
      for (let bin = 0; bin < WEEK_BINS; bin++) {
        const place = ((bin + 0.5) * BIN_S - offsetS) / stepS;
        const before = Math.floor(place);
        const share = place - before;
        week[bin] = (1 - share) * at(before) + share * at(before + 1);
        if (!(week[bin] > 0 && week[bin] < Infinity)) return null;
      }
      return speedsOfWeek(week);
    },
  };
}

/**
 * The speeds of a road of several segments: of every bin the speed at which all of them are driven, by length. Speeds
 * below `leastKmh`, such as the transform may give around a deep dip, count as that.
 */
export function joinedSpeeds(
  parts: readonly { speeds: SegmentSpeeds; lengthM: number }[],
  leastKmh: number,
): SegmentSpeeds {
  if (parts.length === 1) return parts[0].speeds;
  const joined = (known: readonly { kmh: number; lengthM: number }[]): number => {
    let metres = 0;
    let pace = 0;
    for (const { kmh, lengthM } of known) {
      metres += lengthM;
      pace += lengthM / Math.max(leastKmh, kmh);
    }
    return metres > 0 ? metres / pace : 0;
  };
  const single = (name: 'freeFlowKmh' | 'constrainedKmh'): number =>
    joined(
      parts.flatMap(({ speeds, lengthM }) => (speeds[name] > 0 ? [{ kmh: speeds[name], lengthM }] : [])),
    );
  const weeks = parts.flatMap(({ speeds: { week }, lengthM }) => (week ? [{ week, lengthM }] : []));
  return {
    week:
      weeks.length === 0
        ? null
        : Float32Array.from({ length: WEEK_BINS }, (_, bin) =>
            joined(weeks.map(({ week, lengthM }) => ({ kmh: week[bin], lengthM }))),
          ),
    freeFlowKmh: single('freeFlowKmh'),
    constrainedKmh: single('constrainedKmh'),
  };
}
