import { describe, expect, it } from 'vitest';
import { type AblationRow, describeAblation, pairedDifference } from '../../cli/ablation.ts';
import type { EtaMetrics } from '../../core/api/contract.ts';
import { ablations } from '../../models/eta/ablations.ts';
import { LOSS_PARTS } from '../../models/eta/losses.ts';
import { etaNetwork } from '../../models/eta/network.ts';
import { parseEtaSettings } from '../../models/eta/settings.ts';

const one = { names: ['x'], mean: [0], deviation: [1] };

describe('the variants of an ablation', () => {
  it.each(['default', 'paper', 'blog', 'mape', 'mae'])(
    'of the preset %s differ by one part each',
    (preset) => {
      const whole = parseEtaSettings({ preset });
      const variants = ablations(whole);
      expect(new Set(variants.map(({ name }) => name)).size).toBe(variants.length);
      expect(variants.length).toBeGreaterThan(8);
      for (const { name, change } of variants) {
        const changed = parseEtaSettings({ ...whole, ...change });
        const keys = Object.keys(changed).filter(
          (key) => changed[key as 'epochs'] !== whole[key as 'epochs'],
        );
        expect(keys, name).toEqual(Object.keys(change));
        expect(keys, name).toHaveLength(1);
      }
    },
  );

  it('always keep a loss of the path, and make networks', () => {
    for (const preset of ['default', 'mae']) {
      const whole = parseEtaSettings({ preset, hidden: 4 });
      for (const { change } of ablations(whole)) {
        const settings = parseEtaSettings({ ...whole, ...change });
        const parts = LOSS_PARTS.filter((part) => part.startsWith('traversal') && settings[part] > 0);
        expect(parts.length).toBeGreaterThan(0);
        const supersegments = settings.supersegmentEmbedding > 0 ? 3 : 0;
        const shape = { segments: 5, supersegments, nodes: one, edges: one, graphs: one };
        expect(etaNetwork(shape, settings).layout.size).toBeGreaterThan(100);
      }
    }
  });
});

describe('differences over seeds', () => {
  it('are paired: what a seed does to both is no uncertainty', () => {
    expect(pairedDifference([11, 21, 31], [10, 20, 30])).toEqual({ mean: 1, half: 0 });
  });

  it('have the interval of Student’s t', () => {
    const { mean, half } = pairedDifference([1, 2, 3], [0, 0, 0]);
    expect(mean).toBe(2);
    expect(half).toBeCloseTo((4.303 * 1) / Math.sqrt(3), 9);
  });

  it('of one seed have none', () => {
    expect(pairedDifference([3], [1])).toEqual({ mean: 2, half: null });
  });
});

it('the table has a row for each variant, against the whole', () => {
  const metrics = (maeS: number): EtaMetrics => ({
    maeS,
    rmseS: 100,
    mape: 0.1,
    biasS: 0,
    badShare: 0.05,
    coverage80: 0.8,
    width80S: 100,
    n: 10,
  });
  const rows: AblationRow[] = [
    { name: 'whole', change: '', bySeed: [metrics(50), metrics(52)] },
    { name: 'no edges', change: 'edges=off', bySeed: [metrics(53), metrics(55)] },
  ];
  const lines = describeAblation(rows).split('\n');
  expect(lines[2]).toMatch(/^whole +51\.00 s +10\.00 % +5\.00 % +80\.0 %/);
  expect(lines[3]).toMatch(/^no edges +54\.00 s +\+3\.00 s ± 0\.00 .*edges=off$/);
});
