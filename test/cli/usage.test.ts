import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { main } from '../../cli/main.ts';
import { fakeWorkerUrl } from '../support/fakeApp.ts';
import { fakeModel } from '../support/fakeModel.ts';

let printed: string[];
let complained: string[];

beforeEach(() => {
  printed = [];
  complained = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void complained.push(text));
});
afterEach(() => vi.restoreAllMocks());

async function cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const parts = { models: async () => ({ eta: fakeModel }), jobWorker: fakeWorkerUrl };
  const code = await main(args, parts);
  const result = { code, stdout: printed.join('\n'), stderr: complained.join('\n') };
  printed = [];
  complained = [];
  return result;
}

describe('wrong usage ends with 2 and says what to write instead', () => {
  test.each([
    [['trian', 'x'], 'Did you mean train?'],
    [['train', 'x.etalon', '--sede', '1'], 'Did you mean --seed?'],
    [['train', 'x.etalon', '--model', 'gat'], 'Allowed choices are eta, speeds.'],
    [['train', 'x.etalon', '--until', '2014-02-30'], 'YYYY-MM-DD'],
    [['train', 'x.etalon', '--resume', 'a', '--name', 'b'], 'cannot be used with'],
    [
      ['predict', 'x.etalon', '--from-point', '41', '--to-point', '1,2', '--depart', '2014-06-02T08:30'],
      'latitude,longitude',
    ],
    [
      ['predict', 'x.etalon', '--from-point', '91,2', '--to-point', '1,2', '--depart', '2014-06-02T08:30'],
      'latitude,longitude',
    ],
    [['export', 'x.etalon'], '--out'],
    [['predict', 'x.etalon', '--from-point', '1,2', '--to-point', '1,2'], '--depart or --arrive'],
    [
      [
        'isochrone',
        'x',
        '--from-point',
        '1,2',
        '--depart',
        '2014-06-02T08:30',
        '--out',
        'o',
        '--minutes',
        '5,x',
      ],
      'number above 0',
    ],
    [['matrix', 'x.etalon', '--from', 'x.csv'], '--depart'],
    [['predict-batch', 'x.etalon', 'x.csv'], '--out'],
    [['forecast', 'x.etalon', '-o', 'x.csv'], '--at'],
    [
      ['forecast', 'x.etalon', '-o', 'x.csv', '--at', '2014-06-02 08:30', '--horizons', '0,2000'],
      'minutes from 0 to 1440',
    ],
    [['serve', '--port', '70000'], 'port from 0 to 65535'],
    [[], 'etalon --help'],
  ])('%j', async (args, hint) => {
    const { code, stderr, stdout } = await cli(...args);
    expect(stderr).toContain(hint);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const json = await cli(...args, '--json');
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({ type: 'error', code: 'usage' });
  });
});

test.each([
  [['new']],
  [['import', 'roads']],
  [['import', 'trips']],
  [['info']],
  [['train']],
  [['evaluate']],
  [['predict']],
  [['isochrone']],
  [['matrix']],
  [['predict-batch']],
  [['forecast']],
  [['export']],
  [['serve']],
  [['demo']],
])('--help of %j shows an example', async (command) => {
  const { code, stdout, stderr } = await cli(...command, '--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(new RegExp(`Examples?:\n {2}etalon ${command.join(' ')}`));
});
