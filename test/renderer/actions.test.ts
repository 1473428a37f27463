import { describe, expect, it } from 'vitest';
import { actions } from '../../renderer/actions/actions.ts';
import { isSingleKey, normaliseKeys, pressedKeys } from '../../renderer/actions/keys.ts';
import { type Action, actionForKeys, keyClashes } from '../../renderer/actions/registry.ts';

const press = (
  key: string,
  held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {},
) => pressedKeys({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

describe('action registry', () => {
  it('gives no key to two actions', () => {
    expect(keyClashes(actions)).toEqual([]);
  });

  it('reports a clash however the combination is spelt', () => {
    const entry = (id: string, keys: string): Action => ({
      id,
      label: id,
      group: 'View',
      keys: [keys],
      run() {},
    });
    expect(
      keyClashes([entry('one', 'Ctrl+Shift+J'), entry('two', 'Shift+Ctrl+j'), entry('three', 'J')]),
    ).toEqual([{ keys: 'Ctrl+Shift+J', ids: ['one', 'two'] }]);
  });

  it('has unique ids, and a reason for whatever can be disabled', () => {
    expect(new Set(actions.map(({ id }) => id)).size).toBe(actions.length);
    expect(actions.filter((entry) => entry.enabledWhen && !entry.reason)).toEqual([]);
  });

  it('leaves the browser its own keys for editing and reloading', () => {
    const taken = actions.flatMap((entry) => entry.keys ?? []).map(normaliseKeys);
    for (const keys of ['Ctrl+C', 'Ctrl+V', 'Ctrl+X', 'Ctrl+A', 'Ctrl+Z', 'Ctrl+R'])
      expect(taken).not.toContain(keys);
  });
});

describe('keys', () => {
  it.each([
    ['k', { ctrlKey: true }, 'view.palette'],
    ['k', { metaKey: true }, 'view.palette'],
    ['K', { ctrlKey: true, shiftKey: true }, undefined],
    ['J', { ctrlKey: true, shiftKey: true }, 'view.jobs'],
    ['?', { shiftKey: true }, 'help.sheet'],
    [' ', {}, 'map.play'],
    ['F6', { shiftKey: true }, 'view.regionBack'],
    ['Escape', {}, 'view.escape'],
    ['a', {}, 'route.start'],
  ])('pressing %s with %o finds %s', (key, held, id) => {
    expect(actionForKeys(actions, press(key, held))?.id).toBe(id);
  });

  it('tells keys that would also be typed from those that would not', () => {
    expect(['A', ',', 'Space', 'Shift+X', '?'].every(isSingleKey)).toBe(true);
    expect(['Ctrl+K', 'F6', 'Shift+F6', 'Esc', 'Alt+A'].some(isSingleKey)).toBe(false);
  });
});
