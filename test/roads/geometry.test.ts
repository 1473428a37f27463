import geodesic from 'geographiclib-geodesic';
import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { bearingDeg, distanceM, endBearingDeg, lineLengthM, wrapDeg } from '../../core/roads/geometry.ts';

const wgs84 = geodesic.Geodesic.WGS84;

describe('distances and bearings on the ellipsoid', () => {
  it.each([
    { spanM: 50, share: 1e-6 },
    { spanM: 1000, share: 1e-6 },
    { spanM: 20_000, share: 1e-4 },
  ])('agree with GeographicLib for points $spanM m apart', ({ spanM, share }) => {
    const random = new Random(spanM);
    let worstM = 0;
    let worstDeg = 0;
    for (let i = 0; i < 2000; i++) {
      const lat = -85 + 170 * random.uniform();
      const lon = -180 + 360 * random.uniform();
      const far = wgs84.Direct(lat, lon, 360 * random.uniform(), spanM);
      const exact = wgs84.Inverse(lat, lon, far.lat2!, far.lon2!);
      const measured = distanceM(lon, lat, far.lon2!, far.lat2!);
      worstM = Math.max(worstM, Math.abs(measured - exact.s12!) / exact.s12!);
      // The geodesic's bearing turns along the way; the line's is that of its middle.
      const middle = wgs84.Direct(lat, lon, exact.azi1!, exact.s12! / 2);
      const bearing = bearingDeg(lon, lat, far.lon2!, far.lat2!);
      worstDeg = Math.max(worstDeg, Math.abs(wrapDeg(bearing - middle.azi2!)));
    }
    expect(worstM).toBeLessThan(share);
    expect(worstDeg).toBeLessThan(0.01);
  });

  it('measures a line as the sum of its pieces', () => {
    const line = [8, 49, 8.001, 49, 8.001, 49.001];
    const pieces = wgs84.Inverse(49, 8, 49, 8.001).s12! + wgs84.Inverse(49, 8.001, 49.001, 8.001).s12!;
    expect(lineLengthM(line, 0, 3)).toBeCloseTo(pieces, 4);
    expect(lineLengthM(line, 1, 2)).toBe(0);
  });

  it('crosses the antimeridian the short way', () => {
    expect(distanceM(179.999, 0, -179.999, 0)).toBeCloseTo(wgs84.Inverse(0, 179.999, 0, -179.999).s12!, 3);
    expect(bearingDeg(179.999, 0, -179.999, 0)).toBeCloseTo(90);
  });

  it('takes an end bearing over a span, so that a short kink counts little', () => {
    // 200 m east with a first metre to the north.
    const kinked = [0, 0, 0, 0.00001, 0.0018, 0.00001];
    expect(endBearingDeg(kinked, 0, 3, 'start', 20)).toBeGreaterThan(80);
    expect(endBearingDeg(kinked, 0, 3, 'end', 20)).toBeCloseTo(90, 3);
    expect(endBearingDeg([0, 0, 0, 0], 0, 2, 'end', 20)).toBeNaN();
  });

  it('wraps angles into (−180, 180]', () => {
    expect([0, 180, -180, 190, -190, 540, 720].map(wrapDeg)).toEqual([0, 180, 180, -170, 170, 180, 0]);
  });
});
