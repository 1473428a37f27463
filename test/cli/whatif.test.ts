import { describe, expect, it } from 'vitest';
import { editOptions } from '../../cli/edits.ts';
import { scenarioEdits } from '../../core/api/scenarios.ts';
import { fakeApp } from '../support/fakeApp.ts';

describe('edits on the command line', () => {
  it.each([
    ['close', 'a,b', { kind: 'close', segments: ['a', 'b'] }],
    [
      'close',
      'way/1/2@07:00/09:30',
      { kind: 'close', segments: ['way/1/2'], when: { fromMinute: 420, untilMinute: 570 } },
    ],
    ['limit', 'x=30', { kind: 'speedLimit', segments: ['x'], kmh: 30 }],
    ['lanes', 'x,y=2', { kind: 'lanes', segments: ['x', 'y'], lanes: 2 }],
    ['capacity', 'LH4-=0.5', { kind: 'capacity', segments: ['LH4-'], share: 0.5 }],
    [
      'incident',
      'x=0.3@2025-05-14T08:00/09:00',
      {
        kind: 'capacity',
        segments: ['x'],
        share: 0.3,
        when: { from: '2025-05-14T08:00', until: '2025-05-14T09:00' },
      },
    ],
    ['demand', '1.1', { kind: 'demand', factor: 1.1 }],
    [
      'surge',
      '41.1,-8.6=1.5@18:00/20:00',
      {
        kind: 'demand',
        factor: 1.5,
        to: { point: [-8.6, 41.1], radiusM: 1000 },
        when: { fromMinute: 1080, untilMinute: 1200 },
      },
    ],
    [
      'link',
      '41.1,-8.6/41.2,-8.5=60',
      {
        kind: 'newLink',
        from: [-8.6, 41.1],
        to: [-8.5, 41.2],
        roadClass: 'secondary',
        kmh: 60,
        lanes: 1,
        oneway: false,
      },
    ],
  ] as const)('--%s %s', (option, text, edit) => {
    const edits = editOptions[option](text, undefined);
    expect(edits).toEqual([edit]);
    expect(scenarioEdits.parse(edits)).toEqual([edit]);
    expect(editOptions.close('z', edits)).toEqual([edit, { kind: 'close', segments: ['z'] }]);
  });

  it.each([
    ['limit', 'x'],
    ['limit', 'x=fast'],
    ['incident', 'x=0.3'],
    ['close', ''],
    ['close', 'x@08:00'],
    ['close', 'x@8/9'],
    ['link', '41.1,-8.6=60'],
  ] as const)('--%s %s is refused', (option, text) => {
    expect(() => editOptions[option](text, undefined)).toThrow(
      expect.objectContaining({ code: 'commander.invalidArgument' }),
    );
  });
});

describe('scenarios over the application', () => {
  it('are saved, worked out and compared with the base case', async () => {
    await using fake = fakeApp();
    const { app, folder } = fake;
    const job = await app.createSample(`${folder}/grid.etalon`);
    await app.jobs.ended(job.id);
    const edits = [{ kind: 'close' as const, segments: ['0>1'] }];
    const saved = app.scenarios().save({ name: 'Closed', edits });
    expect(app.scenarios().list()).toEqual([saved]);
    expect(app.scenarios().rename(saved.id, 'Shut').name).toBe('Shut');

    const reader = app.reader().scenarios;
    const speeds = await reader.speeds({ runId: null, edits, at: '2024-01-08T08:10' });
    const values = async (blob: Blob) => new Float32Array(await blob.arrayBuffer());
    const [base, scenario, change] = await Promise.all(
      [speeds.base, speeds.scenario, speeds.change].map(values),
    );
    const [closed] = speeds.closed;
    expect(speeds.closed).toEqual(speeds.edited);
    expect(scenario[closed]).toBe(0);
    expect(change[closed]).toBeNaN();
    expect(
      change.every((share, s) => s === closed || Math.abs(base[s] / scenario[s] - 1 - share) < 1e-5),
    ).toBe(true);
    expect(speeds.places).toHaveLength(1);

    const summary = await reader.summary({ edits, at: '2024-01-08T08:10', hours: 2 });
    expect(summary.hours).toBe(2);
    expect(summary.notices.some(({ message }) => /guesses/.test(message))).toBe(true);
    await expect(
      reader.speeds({ runId: null, edits: [{ kind: 'close', segments: ['?'] }], at: '2024-01-08T08:10' }),
    ).rejects.toMatchObject({ code: 'not-found' });
    app.scenarios().remove(saved.id);
    expect(app.scenarios().list()).toEqual([]);
  });
});
