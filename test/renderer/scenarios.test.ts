import { describe, expect, it } from 'vitest';
import type { ApiScenarioEdit } from '../../renderer/api/types.ts';
import { layerClass } from '../../renderer/map/ramp.ts';
import { CHANGE_BREAKS, CHANGE_RAMP } from '../../renderer/scenarios/change.ts';
import { editPlace, editTime, editTitle } from '../../renderer/scenarios/editWords.ts';
import { useScenarios } from '../../renderer/stores/scenarios.ts';

const close = (ref: string): ApiScenarioEdit => ({ kind: 'close', segments: [ref] });

describe('the words of an edit', () => {
  it.each([
    [close('a'), 'Close', 'a'],
    [{ kind: 'speedLimit', segments: ['a', 'b'], kmh: 30 }, 'Limit 30 km/h', 'a, 2 segments'],
    [{ kind: 'lanes', segments: ['a'], lanes: 1 }, '1 lane', 'a'],
    [{ kind: 'capacity', segments: ['a'], share: 0.3 }, 'Capacity 30 %', 'a'],
    [{ kind: 'demand', factor: 1.1 }, 'Demand +10 %', 'all trips'],
    [
      { kind: 'demand', factor: 0.8, from: { point: [8, 49], radiusM: 500 } },
      'Demand −20 %',
      'trips of an area',
    ],
    [
      { kind: 'newLink', from: [8, 49], to: [9, 49], roadClass: 'primary', kmh: 70, lanes: 2, oneway: true },
      'New link, 70 km/h',
      'one way',
    ],
  ] satisfies [ApiScenarioEdit, string, string][])('%o', (edit, title, place) => {
    expect(editTitle(edit).replaceAll('\u00a0', ' ')).toBe(title);
    expect(editPlace(edit, undefined)).toBe(place);
  });

  it('name roads where their names are known', () => {
    const edit: ApiScenarioEdit = { kind: 'close', segments: ['a', 'b', 'c'] };
    expect(editPlace(edit, ['Quay Road'])).toBe('Quay Road, 3 segments');
    expect(editPlace(edit, ['Quay Road', 'Ring 1'])).toBe('Quay Road and 1 other road, 3 segments');
  });

  it.each([
    [undefined, 'always'],
    [{}, 'always'],
    [{ from: '2025-05-14T08:00', until: '2025-05-14T09:30' }, 'Wed 14 May 08:00–09:30'],
    [{ from: '2025-05-14T22:00', until: '2025-05-15T05:00' }, 'Wed 14 May 22:00 to Thu 15 May 05:00'],
    [{ from: '2025-05-14T08:00' }, 'from Wed 14 May 08:00'],
    [{ fromMinute: 420, untilMinute: 1440, weekdays: [0, 4] }, 'daily 07:00–24:00, Mon Fri'],
  ])('%o is "%s"', (when, text) => {
    expect(editTime(when)).toBe(text);
  });
});

describe('the edits of a scenario', () => {
  it('can be undone and redone, until another is made', () => {
    const { edit, add, undo, redo } = useScenarios.getState();
    const now = () => useScenarios.getState().edits;
    useScenarios.getState().reset();
    add(close('a'));
    add(close('b'));
    edit([close('b')]);
    expect(now()).toEqual([close('b')]);
    undo();
    expect(now()).toEqual([close('a'), close('b')]);
    undo();
    undo();
    undo();
    expect(now()).toEqual([]);
    redo();
    redo();
    expect(now()).toEqual([close('a'), close('b')]);
    add(close('c'));
    redo();
    expect(now()).toEqual([close('a'), close('b'), close('c')]);
    useScenarios.getState().reset();
  });
});

describe('the classes of a change', () => {
  it('run from quicker to slower, with no change in the middle', () => {
    const classes = [-0.5, -0.05, -0.02, 0, 0.02, 0.05, 0.5].map((share) => layerClass(share, CHANGE_BREAKS));
    expect(classes).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const ramp of Object.values(CHANGE_RAMP)) expect(ramp).toHaveLength(CHANGE_BREAKS.length + 1);
  });
});
