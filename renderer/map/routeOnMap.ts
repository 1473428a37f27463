import { type Map as MapLibre, Marker } from 'maplibre-gl';
import type { ApiExplanation, ApiRouteAnswer, Point } from '../api/types.ts';
import { laterClass } from '../explain/contribution.ts';
import { minuteRange, minutes } from '../format/format.ts';
import { useExplain } from '../stores/explain.ts';
import { placeAt, useRoute } from '../stores/route.ts';
import { cumulativeM, pointAlong, splitAt } from './geometry.ts';
import { setLines } from './lines.ts';
import { speedClass } from './ramp.ts';
import { EXPLAINED } from './style.ts';

type RouteState = ReturnType<typeof useRoute.getState>;

/** Draws ends, route, alternatives, their time tags and the point that the chart points at. */
export class RouteOnMap {
  private readonly map: MapLibre;
  private ends: Partial<Record<'a' | 'b', Marker>> = {};
  private tags: Marker[] = [];
  private hover: Marker | null = null;
  private drawn: ApiRouteAnswer | null = null;
  private explained: ApiExplanation | null = null;
  private line: { points: Point[]; sums: Float64Array; scale: number } | null = null;

  constructor(map: MapLibre) {
    this.map = map;
  }

  update(state: RouteState): void {
    this.placeEnd('a', state.a?.point ?? null);
    this.placeEnd('b', state.b?.point ?? null);
    const explained = explanationOf(state.answer);
    if (state.answer !== this.drawn || explained !== this.explained) this.draw(state.answer);
    this.placeHover(state.hoverM);
  }

  /** A new style has lost the lines. */
  redraw(state: RouteState): void {
    this.draw(state.answer);
  }

  remove(): void {
    for (const marker of [...Object.values(this.ends), ...this.tags, this.hover]) marker?.remove();
  }

  private placeEnd(end: 'a' | 'b', point: Point | null): void {
    const before = this.ends[end];
    if (!point) {
      before?.remove();
      delete this.ends[end];
      return;
    }
    if (before) {
      before.setLngLat(point);
      return;
    }
    const element = document.createElement('div');
    element.className = 'route-end';
    element.textContent = end.toUpperCase();
    const marker = new Marker({ element, draggable: true }).setLngLat(point).addTo(this.map);
    element.setAttribute('role', 'img');
    element.setAttribute('aria-label', end === 'a' ? 'Route start' : 'Route end');
    marker.on('dragend', () => {
      const { lng, lat } = marker.getLngLat();
      useRoute.getState().place(end, placeAt([lng, lat]));
    });
    this.ends[end] = marker;
  }

  private draw(answer: ApiRouteAnswer | null): void {
    this.drawn = answer;
    this.explained = explanationOf(answer);
    for (const tag of this.tags) tag.remove();
    this.tags = [];
    this.line = null;
    setLines(this.map, 'route', answer ? coloured(answer, this.explained) : []);
    setLines(
      this.map,
      'alternatives',
      answer?.alternatives.map(({ coordinates }) => ({ k: -1, coordinates })) ?? [],
    );
    if (!answer || answer.coordinates.length < 2) return;

    const sums = cumulativeM(answer.coordinates);
    this.line = {
      points: answer.coordinates,
      sums,
      scale: (sums.at(-1) ?? 0) / Math.max(1, answer.distanceM),
    };
    this.tag(answer.coordinates, 0.4, answer, 'route-tag chosen');
    for (const other of answer.alternatives) this.tag(other.coordinates, 0.7, other, 'route-tag');
  }

  private tag(
    line: Point[],
    share: number,
    time: { etaS: number; lowS: number; highS: number },
    className: string,
  ): void {
    const sums = cumulativeM(line);
    const element = document.createElement('div');
    element.className = className;
    const answer = document.createElement('b');
    answer.textContent = `${minutes(time.etaS)} min`;
    element.append(answer, ` ${minuteRange(time.lowS, time.highS)}`);
    this.tags.push(
      new Marker({ element, anchor: 'bottom', offset: [0, -8] })
        .setLngLat(pointAlong(line, sums, (sums.at(-1) ?? 0) * share))
        .addTo(this.map),
    );
  }

  private placeHover(metres: number | null): void {
    if (metres === null || !this.line) {
      this.hover?.remove();
      this.hover = null;
      return;
    }
    const point = pointAlong(this.line.points, this.line.sums, metres * this.line.scale);
    if (!this.hover) {
      const element = document.createElement('div');
      element.className = 'route-point';
      this.hover = new Marker({ element }).setLngLat(point).addTo(this.map);
    } else this.hover.setLngLat(point);
  }
}

/** The explanation of an answer, where it is shown. */
function explanationOf(answer: ApiRouteAnswer | null): ApiExplanation | null {
  const { open, explanation, explains } = useExplain.getState();
  return open && answer && explains === answer ? explanation : null;
}

/**
 * The route's line in pieces of one class, of speed or, where it is explained, of how much longer than usual it takes; neighbours
 * of the same class are joined.
 */
export function coloured(
  { coordinates, profile }: ApiRouteAnswer,
  explanation: ApiExplanation | null = null,
): { k: number; coordinates: Point[] }[] {
  const pieces = splitAt(
    coordinates,
    profile.map((row) => row.distanceM),
  );
  const joined: { k: number; coordinates: Point[] }[] = [];
  pieces.forEach((piece, i) => {
    const part = explanation?.segments[i];
    const k = part ? EXPLAINED + laterClass(part) : speedClass(profile[i]!.ratio);
    const last = joined.at(-1);
    if (last?.k === k) last.coordinates.push(...piece.slice(1));
    else joined.push({ k, coordinates: piece });
  });
  return joined;
}
