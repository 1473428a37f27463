import { describe, expect, it } from 'vitest';
import { parseEtaSettings } from '../../../models/eta/settings.ts';
import { etaModel } from '../../../models/index.ts';

describe('settings', () => {
  it('have a form entry each, whose default is what parsing fills in, within its bounds', () => {
    const defaults = etaModel.parseSettings({});
    expect(etaModel.settings.map(({ key }) => key).sort()).toEqual(Object.keys(defaults).sort());
    for (const { key, label, help, default: start, min, max } of etaModel.settings) {
      expect(label, key).not.toBe('');
      expect(help, key).toMatch(/\.$/);
      expect(start).toBe(defaults[key]);
      if (min !== null) expect(start).toBeGreaterThanOrEqual(min);
      if (max !== null) expect(start).toBeLessThanOrEqual(max);
    }
  });

  it('take what a form may give: bounds themselves are allowed', () => {
    for (const { key, min, max, kind } of etaModel.settings)
      for (const value of [min, max])
        if (value !== null && (kind === 'integer' || value !== 0))
          expect(etaModel.parseSettings({ [key]: value })[key]).toBe(value);
  });

  it('with choices take each of them', () => {
    const choosing = etaModel.settings.filter(({ kind }) => kind === 'choice');
    expect(choosing.map(({ key }) => key)).toEqual([
      'preset',
      'optimiser',
      'schedule',
      'metaGradients',
      'edges',
      'trafficWindows',
      'routeBy',
      'horizons',
      'interval',
      'errorScale',
      'refit',
    ]);
    for (const { key, choices } of choosing)
      for (const choice of choices!) expect(etaModel.parseSettings({ [key]: choice })[key]).toBe(choice);
  });

  it.each([
    ['epochs', 0],
    ['epochs', 2.5],
    ['epochs', 'many'],
    ['hidden', -4],
    ['validationShare', 0.9],
    ['optimiser', 'adamw'],
    ['metaGradients', true],
    ['learningRate', 0],
    ['learningRate', Number.NaN],
    ['epoch', 3],
  ])('name the one that is wrong: %s = %s', (key, value) => {
    let thrown: unknown;
    try {
      etaModel.parseSettings({ [key]: value });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: 'usage',
      where: { field: key },
      message: expect.stringContaining(`Setting ${key}`),
    });
    expect(thrown).toHaveProperty('remedy', expect.stringContaining('epochs'));
  });

  it('of a preset stand where nothing else is given', () => {
    const paper = parseEtaSettings({ preset: 'paper', hidden: 16, traversalHuber: 2 });
    expect(paper).toMatchObject({ traversalL1: 0, traversalHuber: 2, supersegmentEmbedding: 64, hidden: 16 });
    expect(parseEtaSettings({ ...paper })).toEqual(paper);
    for (const { key, presets } of etaModel.settings)
      for (const [preset, value] of Object.entries(presets ?? {}))
        expect(parseEtaSettings({ preset })[key as 'epochs']).toBe(value);
  });

  it('given are kept, and the rest filled in', () => {
    const defaults = etaModel.parseSettings({});
    expect(etaModel.parseSettings({ epochs: 7 })).toEqual({ ...defaults, epochs: 7 });
  });
});
