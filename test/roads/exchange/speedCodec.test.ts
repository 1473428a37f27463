import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/base/index.ts';
import {
  COEFFICIENTS,
  compressWeek,
  decodeCoefficients,
  decompressWeek,
  encodeCoefficients,
} from '../../../core/roads/exchange/speedCodec.ts';
import {
  isDaytime,
  meanKmh,
  sundayFirst,
  toMondayFirst,
  toSundayFirst,
  WEEK_BINS,
} from '../../../core/roads/exchange/weekBins.ts';

/** The definition, term by term, in the format's own constants. */
function plainTransform(week: ArrayLike<number>): number[] {
  return Array.from({ length: COEFFICIENTS }, (_, k) => {
    let sum = 0;
    for (let n = 0; n < 2016; n++) sum += week[n] * Math.cos((Math.PI / 2016) * (n + 0.5) * k);
    return Math.sqrt(2 / 2016) * (k === 0 ? 1 / Math.sqrt(2) : 1) * sum;
  });
}

function plainSpeed(coefficients: ArrayLike<number>, bin: number): number {
  let speed = coefficients[0] / Math.sqrt(2);
  for (let k = 1; k < COEFFICIENTS; k++)
    speed += coefficients[k] * Math.cos((Math.PI / 2016) * (bin + 0.5) * k);
  return speed * Math.sqrt(2 / 2016);
}

/** Rush hours on weekdays, quiet nights. */
function smoothWeek(random: Random): Float32Array {
  const free = 30 + 60 * random.uniform();
  const depth = 0.5 * random.uniform();
  return Float32Array.from({ length: WEEK_BINS }, (_, bin) => {
    const day = Math.floor(bin / 288);
    const hour = (bin % 288) / 12;
    const rush = Math.exp(-((hour - 8) ** 2) / 3) + Math.exp(-((hour - 17.5) ** 2) / 4);
    return free * (1 - depth * rush * (day === 0 || day === 6 ? 0.2 : 1));
  });
}

/** Valhalla's own test of its decoder (test/predictedspeeds.cc) gives this code, of the older form, and its speeds. */
const KNOWN_CODE =
  'AQXFAAkABAAhAAz/+//bABn/3wAMABsAEQAF//gAAAAdABQAEv/wABf//gAsAAkAKgAAACj/+gBDAAQAbAALAQQAKv63AAD/mwAM/87/7P/TAAX/2P/1//P//f/sAAn/z//xAA7//P/y//z/8v/x////+wAMABX/+f/6AA4AGQAEABX/9//vAAf/8gAfAAb/9AAFABH//P/0ABQABv/2////4//7//0AE//+//n/5AATAAcAAQAL/+v//P/3ABMAAAAU//L/+v/8AAAAEP/3AAsABQAE/9f/7AABAAwAAQAGABP//QAJ/+4AB//gABUAAf/+AAv/6P/oABP//gAAABX/5f/5AAT//v/5AAgABv/3AB7/6gAdAAL/+P/r//sACwADAAT/9wAE//MACAAK//cACv/4//sABAAA//j//P/7//H/9v/y//wACwAHAAYABv/4AAL/+QAKAB7//wAHABX/8wAQ/+wAFAAL/+7//AAIAAgADf/9AAz/4gAQ//X/9//+//j/9wAEAAz//wADAAc=';
const KNOWN_SPEEDS: readonly (readonly [bin: number, kmh: number])[] = [
  [0, 36],
  [1, 36],
  [11, 37],
  [16, 41],
  [45, 46],
  [70, 30],
  [100, 11],
  [102, 10],
  [104, 12],
  [137, 46],
  [161, 49],
  [206, 25],
  [2001, 27],
  [2015, 29],
];

describe("the form of Valhalla's weekly speeds", () => {
  it('decodes the code that Valhalla is tested with to the speeds it is tested for', () => {
    const week = decompressWeek(decodeCoefficients(KNOWN_CODE));
    // Its test allows a difference below 2 km/h after rounding.
    for (const [bin, kmh] of KNOWN_SPEEDS)
      expect(Math.abs(Math.round(week[bin]) - kmh), `${bin}`).toBeLessThan(2);
    expect(Math.min(...week)).toBeGreaterThan(0);
  });

  it('writes a constant speed as one coefficient: √2016 times it', () => {
    const coefficients = compressWeek(new Float32Array(WEEK_BINS).fill(10));
    expect(coefficients[0]).toBe(Math.round(10 * Math.sqrt(2016)));
    expect(coefficients.subarray(1).every((coefficient) => coefficient === 0)).toBe(true);
    const bytes = Buffer.from(encodeCoefficients(coefficients), 'base64');
    expect(bytes.length).toBe(400);
    expect([...bytes.subarray(0, 3)]).toEqual([449 >> 8, 449 & 255, 0]);
  });

  it('is the transform by its definition, both ways', () => {
    const random = new Random(4);
    for (let round = 0; round < 5; round++) {
      const week = Float32Array.from({ length: WEEK_BINS }, () => 130 * random.uniform());
      const coefficients = compressWeek(week);
      plainTransform(week).forEach((exact, k) => {
        expect(Math.abs(coefficients[k] - exact), `coefficient ${k}`).toBeLessThanOrEqual(0.5 + 1e-6);
      });
      const back = decompressWeek(coefficients);
      for (let bin = 0; bin < WEEK_BINS; bin += 13)
        expect(back[bin]).toBeCloseTo(plainSpeed(coefficients, bin), 4);
    }
  });

  it('rounds halves away from zero, as C does', () => {
    // A week that is ½ of a basis vector: its coefficient is −½ exactly but for float32.
    const week = Float32Array.from({ length: WEEK_BINS }, () => -0.5 / Math.sqrt(2016));
    expect(Math.abs(compressWeek(week)[0])).toBe(1);
  });

  it('gives smooth weeks back within half a km/h, and whatever it gave, exactly', () => {
    const random = new Random(5);
    for (let round = 0; round < 20; round++) {
      const week = smoothWeek(random);
      const coefficients = compressWeek(week);
      const back = decompressWeek(coefficients);
      week.forEach((kmh, bin) => {
        expect(Math.abs(back[bin] - kmh)).toBeLessThan(0.5);
      });
      expect(compressWeek(back)).toEqual(coefficients);
    }
  });

  it('writes any coefficients as text and reads them back', () => {
    const random = new Random(6);
    const coefficients = Int16Array.from({ length: COEFFICIENTS }, () => random.int(65536) - 32768);
    expect(decodeCoefficients(encodeCoefficients(coefficients))).toEqual(coefficients);
    const old = Buffer.concat([Buffer.of(1), Buffer.from(encodeCoefficients(coefficients), 'base64')]);
    expect(decodeCoefficients(old.toString('base64'))).toEqual(coefficients);
  });

  it.each([
    ['not base64', 'AB*C'],
    ['cut short', KNOWN_CODE.slice(0, 400)],
    ['of another first byte', `Ag${KNOWN_CODE.slice(2)}`],
    ['empty', ''],
  ])('refuses a code that is %s', (_, code) => {
    expect(() => decodeCoefficients(code)).toThrow(/weekly speeds/);
  });
});

describe('bins of the week', () => {
  it('turn a week between Monday and Sunday first', () => {
    const monday = Float32Array.from({ length: WEEK_BINS }, (_, bin) => bin);
    const sunday = toSundayFirst(monday);
    expect(sunday[0]).toBe(6 * 288); // Sunday 00:00 is the seventh day of a week from Monday on.
    expect(sunday[288]).toBe(0);
    expect(toMondayFirst(sunday)).toEqual(monday);
    for (const bin of [0, 1, 287, 1000, 2015]) expect(sunday[sundayFirst(bin)]).toBe(bin);
  });

  it('of the day are those from 7 to 19 o’clock', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => isDaytime(3 * 288 + hour * 12));
    expect(hours.map((day, hour) => (day ? hour : -1)).filter((hour) => hour >= 0)).toEqual([
      7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
    ]);
    expect(isDaytime(19 * 12 - 1)).toBe(true);
  });

  it('average as a drive does: by time, not by speed', () => {
    const week = Float32Array.from({ length: WEEK_BINS }, (_, bin) => (bin % 2 === 0 ? 30 : 60));
    expect(meanKmh(week)).toBeCloseTo(40, 5);
    expect(meanKmh(week, (bin) => bin % 2 === 0)).toBeCloseTo(30, 5);
  });
});
