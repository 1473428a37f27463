import { describe, expect, it } from 'vitest';
import { socketUrl } from '../../renderer/api/connection.ts';
import { freeName } from '../../renderer/files/dialogs.ts';
import * as format from '../../renderer/format/format.ts';

const plain = (text: string) => text.replaceAll(/[\u00a0\u2009]/g, ' ');

describe('format', () => {
  it.each([
    [0, '0 s'],
    [43.4, '43 s'],
    [89.4, '89 s'],
    [90, '2 min'],
    [1080, '18 min'],
    [3599, '1 h 00 min'],
    [3900, '1 h 05 min'],
  ])('says a wait of %d s as %s', (seconds, text) => {
    expect(plain(format.duration(seconds))).toBe(text);
  });

  it.each([
    [999, '999 B'],
    [1000, '1.0 kB'],
    [41_300_000, '41 MB'],
    [999_700_000, '1.0 GB'],
    [31e9, '31 GB'],
  ])('says %d bytes as %s', (value, text) => {
    expect(plain(format.bytes(value))).toBe(text);
  });

  it('writes a true minus, and no sign on nothing', () => {
    expect(format.signed(-1.96)).toBe('−2.0');
    expect(format.signed(3.7)).toBe('+3.7');
    expect(format.signed(-0.04)).toBe('0.0');
    expect(format.fixed(-0.04)).toBe('0.0');
    expect(format.fixed(-198, 0)).toBe('−198');
    expect(plain(format.percent(0.796, 1))).toBe('79.6 %');
  });

  it('wraps the clock at midnight both ways, and reads what it writes', () => {
    expect(format.clock(490)).toBe('08:10');
    expect(format.clock(1445)).toBe('00:05');
    expect(format.clock(-5)).toBe('23:55');
    for (let minute = 0; minute < 1440; minute += 7)
      expect(format.parseClock(format.clock(minute))).toBe(minute);
    for (const wrong of ['24:00', '8:60', 'noon', '']) expect(format.parseClock(wrong)).toBeNull();
  });

  it('keeps to the project’s calendar, whatever the time zone of the machine', () => {
    expect(format.day('2025-05-20')).toBe('Tue 20 May');
    expect(format.weekday('2025-05-19')).toBe(0);
    expect(format.weekday('2025-05-25')).toBe(6);
    expect(format.addDays('2024-02-28', 2)).toBe('2024-03-01');
    expect(format.addDays('2025-03-31', -31)).toBe('2025-02-28');
    expect(format.minuteOf('2025-05-20T08:10:30')).toBe(490);
    expect(format.localDateTime('2025-05-20', 490)).toBe('2025-05-20T08:10');
  });

  it('names the hemisphere instead of signing the position', () => {
    expect(plain(format.position(-8.6291, 41.1579))).toBe('41.1579° N 8.6291° W');
  });

  it('joins and splits paths of either system', () => {
    expect(format.joinPath('/home/x', 'a.etalon')).toBe('/home/x/a.etalon');
    expect(format.joinPath('/', 'a.etalon')).toBe('/a.etalon');
    expect(format.joinPath('C:\\Users\\x', 'a.etalon')).toBe('C:\\Users\\x\\a.etalon');
    expect(format.fileName('C:\\Users\\x\\a.etalon')).toBe('a.etalon');
  });
});

describe('new projects', () => {
  it('get a name that no recent project has', () => {
    expect(freeName('city', [])).toBe('city.etalon');
    expect(freeName('city', ['/a/city.etalon', 'C:\\b\\city 2.etalon'])).toBe('city 3.etalon');
  });
});

describe('the address of the API', () => {
  it('is the page’s own host, with its token from query or fragment', () => {
    expect(socketUrl({ href: 'http://127.0.0.1:4000/?token=abc' })).toBe('ws://127.0.0.1:4000/api?token=abc');
    expect(socketUrl({ href: 'http://127.0.0.1:4000/#token=abc' })).toBe('ws://127.0.0.1:4000/api?token=abc');
    expect(socketUrl({ href: 'https://localhost/index.html' })).toBe('wss://localhost/api');
  });
});
