import type { OpenScenario } from '@etalon/core/app/model';
import { freeFlowS, type HistoricalProfile, type Scenario } from '@etalon/core/roads';
import type { TrafficOracle } from './open.ts';
import { RoutePlanner } from './routePlanner.ts';
import { historyWithLinks, ScenarioTraffic } from './scenarioTraffic.ts';

/** Answers under a scenario, by the planner that answers without one. */
export function openScenario(
  oracle: TrafficOracle,
  history: HistoricalProfile,
  scenario: Scenario,
): OpenScenario {
  const usual = new ScenarioTraffic(oracle, scenario);
  const others = (['flat', 'steep'] as const).map((shape) => new ScenarioTraffic(oracle, scenario, shape));
  let planner: RoutePlanner | undefined;
  return {
    speeds: async (localS) => {
      const seconds = await usual.segmentSeconds(localS);
      return seconds.map((predictedS, s) => freeFlowS(usual.network, s) / predictedS);
    },
    route: (from, to, localDepartS) => {
      planner ??= new RoutePlanner(usual, historyWithLinks(history, scenario));
      return planner.route(from, to, localDepartS);
    },
    range: async (segments, localDepartS) => {
      const secondsBy = async (traffic: ScenarioTraffic) =>
        (await traffic.paths([segments], localDepartS)).trips[0].seconds;
      const present = await secondsBy(usual);
      const factors = [1];
      for (const traffic of others) factors.push((await secondsBy(traffic)) / present);
      return [Math.min(...factors), Math.max(...factors)];
    },
  };
}
