import type { ApiScenario, ApiScenarioSummary } from '@etalon/core/api/contract';

/** Saved scenarios of the stand-in, and answers in which every edit makes the whole city a little slower. */
export class MockScenarios {
  readonly #saved: ApiScenario[] = [];

  list(): ApiScenario[] {
    return [...this.#saved];
  }

  save({
    id,
    name,
    edits,
  }: {
    id?: number | undefined;
    name?: string;
    edits?: ApiScenario['edits'];
  }): ApiScenario {
    const now = new Date().toISOString();
    const before = this.#saved.find((scenario) => scenario.id === id);
    const saved = {
      id: before?.id ?? this.#saved.length + 1,
      name: name ?? before?.name ?? '',
      edits: edits ?? before?.edits ?? [],
      createdAt: before?.createdAt ?? now,
      changedAt: now,
    };
    if (before) this.#saved.splice(this.#saved.indexOf(before), 1, saved);
    else this.#saved.push(saved);
    return saved;
  }

  remove(id: number): void {
    const at = this.#saved.findIndex((scenario) => scenario.id === id);
    if (at >= 0) this.#saved.splice(at, 1);
  }

  summary(edits: ApiScenario['edits']): ApiScenarioSummary {
    const range = (value: number) => ({ value, low: 0.7 * value, high: 1.6 * value });
    const n = edits.length;
    return {
      hours: 1,
      trips: 240,
      vehicleHours: range(2.1 * n),
      meanDelayS: range(31 * n),
      concerned: 60 * n,
      rerouted: 22 * n,
      delayed: 31 * n,
      stranded: 0,
      streets: ['Old Town Ring', 'Tanners Way', 'Quay Road'].map((name, i) => ({
        name,
        lengthM: 4_200 - 900 * i,
        flowBefore: 40 - 9 * i,
        flowAfter: 40 + 12 * n - 9 * i,
        speedBeforeKmh: 34,
        speedAfterKmh: 34 - 4 * n,
        vehicleHours: range((1 - 0.6 * i) * n),
      })),
      notices: n > 1 ? [{ edit: null, message: '2 segments get fuller than any is in the data.' }] : [],
    };
  }

  speeds(base: Float32Array<ArrayBuffer>, edits: ApiScenario['edits']) {
    const factor = 1 + 0.05 * edits.length;
    return {
      base: new Blob([base]),
      scenario: new Blob([base.map((ratio) => ratio / factor)]),
      change: new Blob([base.map(() => factor - 1)]),
      closed: [],
      edited: [],
      places: edits.map((edit) => ('segments' in edit ? [...edit.segments] : [])),
      links: [],
      changeKm: [0, 0, 0, edits.length ? 0 : 900, 0, edits.length ? 900 : 0, 0],
      notices: [],
    };
  }
}
