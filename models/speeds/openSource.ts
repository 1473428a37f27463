import type { ProjectStore } from '@etalon/core/project';
import { DAY_S } from '@etalon/core/roads';
import type { TrainedSpeeds } from './checkpoint.ts';
import { speedGraph } from './graph.ts';
import { speedMatrix } from './matrix.ts';
import type { SpeedSettings } from './settings.ts';
import { type SpeedSource, speedSource } from './windows.ts';

/**
 * What a trained run sees at a wall-clock time: the steps that had ended by then, whole days of them, and `row`, the newest. Without a
 * time, at the end of all observations.
 */
export function openSource(
  store: ProjectStore,
  trained: TrainedSpeeds,
  settings: SpeedSettings,
  localS?: number,
): { source: SpeedSource; row: number } {
  const { segments, stepS, history } = trained;
  const network = store.readRoads();
  const graph = speedGraph(network, segments, settings.neighbours);
  const lastDay = store.info().lastObservedDay;
  const endS = localS ?? (lastDay ? dayStartS(lastDay) + DAY_S : 0);
  const dayBefore = new Date((endS - DAY_S) * 1000).toISOString().slice(0, 10);
  const dayAfter = new Date((endS + DAY_S) * 1000).toISOString().slice(0, 10);
  const observations = store.readObservations({ from: dayBefore, until: dayAfter });
  const firstStep = Math.ceil(dayStartS(dayBefore) / stepS);
  const steps = Math.floor(endS / stepS) - firstStep;
  const matrix = speedMatrix(observations, segments, stepS, { firstStep, steps });
  return { source: speedSource(network, matrix, graph, history, settings), row: steps - 1 };
}

const dayStartS = (date: string) => Date.parse(`${date}T00:00:00Z`) / 1000;
