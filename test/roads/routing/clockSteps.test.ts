import { describe, expect, it } from 'vitest';
import { quietContext } from '../../../core/base/index.ts';
import { Random } from '../../../core/base/random.ts';
import {
  CLOCK_STEP_S,
  ClockSteps,
  fitSegmentModel,
  Router,
  SegmentModelCosts,
  stepBeginning,
} from '../../../core/roads/index.ts';
import { gridNetwork } from '../../support/gridNetwork.ts';
import { plainArrivals } from '../../support/plainDijkstra.ts';
import { randomPlaces } from '../../support/randomRoads.ts';
import { changingTraffic, FIRST_DAY_S } from '../../support/smallCity.ts';

describe('seconds by steps of the clock', () => {
  it('are the steps’ own there, change evenly between, and stay outside', () => {
    const clock = new ClockSteps(9000, [Float32Array.of(10), Float32Array.of(40), Float32Array.of(20)]);
    const at = (clockS: number) => clock.secondsAt(0, clockS);
    expect([0, 9000, 9450, 9900, 10_800, 99_999].map(at)).toEqual([10, 10, 25, 40, 20, 20]);
    expect(stepBeginning(9899)).toBe(9000);
  });

  it('never let a later start arrive earlier, however steeply they fall', () => {
    const random = new Random(1);
    for (let round = 0; round < 50; round++) {
      const steps = Array.from({ length: 5 }, () => Float32Array.of(random.uniform() * 5000));
      const clock = new ClockSteps(0, steps);
      let before = -Infinity;
      for (let clockS = -500; clockS < 6 * CLOCK_STEP_S; clockS += 37) {
        const arriveS = clockS + clock.secondsAt(0, clockS);
        expect(arriveS).toBeGreaterThan(before);
        before = arriveS;
      }
    }
  });
});

describe('costs by a segment model', () => {
  it('are the model’s own, and are searched exactly', async () => {
    const network = gridNetwork(7, 6);
    const trips = changingTraffic(network, { days: 7, perDay: 60, seed: 2 });
    const model = await fitSegmentModel(network, trips, {}, quietContext);
    const costs = new SegmentModelCosts(model).between(FIRST_DAY_S + 8.4 * 3600, FIRST_DAY_S + 10 * 3600);
    // On the hour, where no step lies between two hours.
    const nineS = FIRST_DAY_S + 9 * 3600;
    for (let turn = 0; turn < network.turnCount; turn++) {
      const [from, to] = [network.turnFrom[turn], network.turnTo[turn]];
      const expected = model.drivingS(from, nineS) + model.endDelayS(from, to);
      const straight = model.drivingS(from, nineS) + model.endDelayS(from, -1);
      if (straight > 0.1 && expected > straight)
        expect(costs.traversalS(from, nineS) + costs.turnS(turn, nineS)).toBeCloseTo(expected, 3);
    }
    const router = new Router(network);
    const random = new Random(4);
    for (let pair = 0; pair < 100; pair++) {
      const [from, to] = [randomPlaces(network, random), randomPlaces(network, random)];
      const [expected] = plainArrivals(network, from, [to], nineS - 600, costs);
      expect(router.quickest({ from, to, departS: nineS - 600 }, costs).arriveS).toBeCloseTo(expected, 5);
    }
  });
});
