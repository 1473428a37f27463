import { fileDialogs } from '../files/dialogs.ts';
import { HORIZONS, LAYERS, PICKED_LAYERS } from '../map/layers.ts';
import { RECOMMENDERS, STEPS } from '../recommend/systems.ts';
import { closeTopLayer } from '../shell/layers.ts';
import { nextRegion } from '../shell/regions.ts';
import { useExplain } from '../stores/explain.ts';
import { isochroneStart, useIsochrone } from '../stores/isochrone.ts';
import { useMap } from '../stores/map.ts';
import { useProject } from '../stores/project.ts';
import { useRecommend } from '../stores/recommend.ts';
import { useRoute } from '../stores/route.ts';
import { useRuns } from '../stores/runs.ts';
import { useScenarios } from '../stores/scenarios.ts';
import { recommenderOf, recommenderTab, useShell } from '../stores/shell.ts';
import { useSupersegments } from '../stores/supersegments.ts';
import { useTheme } from '../theme/theme.ts';
import type { Action } from './registry.ts';

const shell = () => useShell.getState();
const project = () => useProject.getState().project;
const map = () => useMap.getState();
const route = () => useRoute.getState();
const isochrone = () => useIsochrone.getState();
const runs = () => useRuns.getState();
const scenarios = () => useScenarios.getState();
const supersegments = () => useSupersegments.getState();
const recommend = () => useRecommend.getState();

const hasProject = { enabledWhen: () => project() !== null, reason: 'Open a project first' };
const hasRoads = {
  enabledWhen: () => (project()?.segments ?? 0) > 0,
  reason: 'Import a road network first',
};
const hasTrips = { enabledWhen: () => (project()?.trips ?? 0) > 0, reason: 'Import trips first' };
const hasSpeeds = {
  enabledWhen: () => (project()?.trips ?? 0) > 0 || map().runId !== null,
  reason: 'Import trips, or train a run on observations, first',
};
const hasRun = { enabledWhen: () => map().runId !== null, reason: 'Choose a trained run on the map first' };
const onMap = (run: () => void) => () => {
  shell().go('map');
  run();
};

export const actions: readonly Action[] = [
  {
    id: 'project.new',
    label: 'New project',
    group: 'Project',
    run: () => void fileDialogs.newProject(),
  },
  {
    id: 'project.open',
    label: 'Open project',
    group: 'Project',
    keys: ['Ctrl+O'],
    run: () => void fileDialogs.openProject(),
  },
  {
    id: 'project.sample',
    label: 'Open the sample city',
    group: 'Project',
    run: () => void fileDialogs.openSample(),
  },
  {
    id: 'project.close',
    label: 'Close project',
    group: 'Project',
    ...hasProject,
    run: () => void useProject.getState().close(),
  },

  {
    id: 'go.map',
    label: 'Map',
    group: 'Go to',
    keys: ['Ctrl+1'],
    ...hasProject,
    run: () => shell().go('map'),
  },
  {
    id: 'go.data',
    label: 'Data',
    group: 'Go to',
    keys: ['Ctrl+2'],
    ...hasProject,
    run: () => shell().openDataPage('overview'),
  },
  {
    id: 'go.train',
    label: 'Train',
    group: 'Go to',
    keys: ['Ctrl+3'],
    ...hasProject,
    run: () => shell().go('train'),
  },
  {
    id: 'go.compare',
    label: 'Compare runs',
    group: 'Go to',
    keys: ['Ctrl+4', 'C'],
    ...hasProject,
    run: () => shell().go('compare'),
  },

  {
    id: 'go.scenarios',
    label: 'Scenarios',
    group: 'Go to',
    keys: ['Ctrl+5'],
    ...hasProject,
    run: () => shell().go('scenarios'),
  },

  {
    id: 'go.supersegments',
    label: 'Supersegments',
    group: 'Go to',
    keys: ['Ctrl+6'],
    ...hasProject,
    run: () => shell().go('supersegments'),
  },

  {
    id: 'data.roads',
    label: 'Import road network',
    group: 'Data',
    ...hasProject,
    run: () => shell().openDataPage('roads'),
  },
  {
    id: 'data.trips',
    label: 'Import trips',
    group: 'Data',
    ...hasRoads,
    run: () => shell().openDataPage('trips'),
  },
  {
    id: 'data.speeds',
    label: 'Import weekly speeds',
    group: 'Data',
    ...hasRoads,
    run: () => shell().openDataPage('speeds'),
  },
  {
    id: 'data.simulate',
    label: 'Simulate traffic',
    group: 'Data',
    ...hasRoads,
    run: () => shell().openDataPage('simulate'),
  },
  {
    id: 'data.observations',
    label: 'Import observations',
    group: 'Data',
    ...hasProject,
    run: () => shell().openDataPage('observations'),
  },
  {
    id: 'data.interactions',
    label: 'Import interactions',
    group: 'Data',
    offeredWhen: () => recommend().recommenders.length > 0,
    ...hasProject,
    run: () => shell().openDataPage('interactions'),
  },
  {
    id: 'data.import',
    label: 'Import what comes next',
    group: 'Data',
    keys: ['Ctrl+I'],
    run() {
      if (!project()) void fileDialogs.importRoadsIntoNewProject();
      else shell().openDataPage(project()?.segments ? 'trips' : 'roads');
    },
  },

  {
    id: 'map.back',
    label: 'Time back 5 min',
    group: 'Map',
    keys: [','],
    ...hasSpeeds,
    run: onMap(() => map().step(-1)),
  },
  {
    id: 'map.forward',
    label: 'Time forward 5 min',
    group: 'Map',
    keys: ['.'],
    ...hasSpeeds,
    run: onMap(() => map().step(1)),
  },
  {
    id: 'map.play',
    label: 'Play or pause the day',
    group: 'Map',
    keys: ['Space'],
    ...hasSpeeds,
    run: onMap(() => map().togglePlay()),
  },
  ...PICKED_LAYERS.map(
    (layer, i): Action => ({
      id: `layer.${layer}`,
      label: `Show ${LAYERS[layer].label.toLowerCase()} on the map`,
      group: 'Map',
      keys: [String(i + 1)],
      ...(layer === 'coverage' ? hasTrips : hasSpeeds),
      run: onMap(() => map().setLayer(layer)),
    }),
  ),
  ...HORIZONS.map(
    (minutes): Action => ({
      id: `layer.predicted${minutes}`,
      label: minutes === 0 ? 'Show predicted speed, now' : `Show predicted speed in ${minutes} min`,
      group: 'Map',
      ...hasSpeeds,
      run: onMap(() => map().setSpeed('predicted', minutes)),
    }),
  ),
  {
    id: 'layer.live',
    label: 'Show live speed',
    group: 'Map',
    ...hasSpeeds,
    run: onMap(() => map().setSpeed('live')),
  },
  {
    id: 'layer.historical',
    label: 'Show historical speed',
    group: 'Map',
    ...hasTrips,
    run: onMap(() => map().setSpeed('historical')),
  },
  {
    id: 'map.fit',
    label: 'Show the whole network',
    group: 'Map',
    keys: ['0'],
    ...hasRoads,
    run: onMap(() => map().fly(project()?.bounds ? { bounds: project()!.bounds! } : null)),
  },

  {
    id: 'route.start',
    label: 'Set route start',
    group: 'Route',
    keys: ['A'],
    ...hasRoads,
    run: onMap(() => route().startPlacing('a')),
  },
  {
    id: 'route.end',
    label: 'Set route end',
    group: 'Route',
    keys: ['B'],
    ...hasRoads,
    run: onMap(() => route().startPlacing('b')),
  },
  {
    id: 'route.swap',
    label: 'Swap route start and end',
    group: 'Route',
    keys: ['X'],
    enabledWhen: () => route().a !== null || route().b !== null,
    reason: 'Set a start or an end first',
    run: onMap(() => route().swap()),
  },
  {
    id: 'route.recompute',
    label: 'Compute the route again',
    group: 'Route',
    keys: ['R'],
    ...hasRun,
    run: onMap(() => void route().compute()),
  },
  {
    id: 'route.explain',
    label: 'Explain the ETA of the route, or go back to it',
    group: 'Route',
    keys: ['E'],
    enabledWhen: () => route().answer !== null,
    reason: 'Ask for a route first',
    run: onMap(() => {
      shell().toggleInspector(true);
      const { open, show, close } = useExplain.getState();
      if (open) close();
      else show();
    }),
  },
  {
    id: 'route.clear',
    label: 'Clear the route',
    group: 'Route',
    enabledWhen: () => route().a !== null || route().b !== null,
    reason: 'There is no route',
    run: () => route().clear(),
  },

  {
    id: 'route.isochrone',
    label: 'Isochrone from here',
    group: 'Route',
    keys: ['I'],
    enabledWhen: () => (project()?.trips ?? 0) > 0 && isochroneStart() !== null,
    reason: 'Set a route start, or point at a place on the map',
    run: onMap(() => {
      const from = isochroneStart();
      if (from) void isochrone().show(from);
    }),
  },
  {
    id: 'route.isochroneClear',
    label: 'Clear the isochrone',
    group: 'Route',
    enabledWhen: () => isochrone().from !== null,
    reason: 'There is no isochrone',
    run: () => isochrone().clear(),
  },

  {
    id: 'train.new',
    label: 'New run',
    group: 'Train',
    keys: ['Ctrl+N', 'N'],
    enabledWhen: () => (project()?.trips ?? 0) > 0 || (project()?.observations ?? 0) > 0,
    reason: 'Import trips or observations first',
    run() {
      shell().go('train');
      runs().openForm(true);
    },
  },

  {
    id: 'scenario.new',
    label: 'New scenario',
    group: 'Scenarios',
    keys: ['S'],
    ...hasTrips,
    run() {
      shell().go('scenarios');
      void scenarios().create();
    },
  },
  {
    id: 'scenario.undo',
    label: 'Undo the last edit of the scenario',
    group: 'Scenarios',
    keys: ['Alt+Z'],
    enabledWhen: () => scenarios().past.length > 0,
    reason: 'There is nothing to undo',
    run: () => scenarios().undo(),
  },
  {
    id: 'scenario.redo',
    label: 'Redo the last edit of the scenario',
    group: 'Scenarios',
    keys: ['Alt+Shift+Z'],
    enabledWhen: () => scenarios().future.length > 0,
    reason: 'There is nothing to redo',
    run: () => scenarios().redo(),
  },

  {
    id: 'supersegments.draw',
    label: 'Draw supersegments',
    group: 'Supersegments',
    ...hasTrips,
    run() {
      shell().go('supersegments');
      void supersegments().draw();
    },
  },
  ...([1, -1] as const).map(
    (by): Action => ({
      id: by === 1 ? 'supersegments.next' : 'supersegments.previous',
      label: by === 1 ? 'Next supersegment' : 'Previous supersegment',
      group: 'Supersegments',
      keys: [by === 1 ? 'Alt+Down' : 'Alt+Up'],
      enabledWhen: () => supersegments().catalogue !== null,
      reason: 'Draw supersegments first',
      run: () => supersegments().step(by),
    }),
  ),

  ...RECOMMENDERS.map(
    ({ id, name }): Action => ({
      id: `go.${id}`,
      label: name,
      group: 'Recommenders',
      offeredWhen: () => recommend().recommenders.some((known) => known.id === id),
      ...hasProject,
      run: () => shell().go(recommenderTab(id)),
    }),
  ),
  ...STEPS.map(
    (step, i): Action => ({
      id: `recommend.step${i + 1}`,
      label: `${step}, of the recommender shown`,
      group: 'Recommenders',
      keys: [`Alt+${i + 1}`],
      offeredWhen: () => recommend().recommenders.length > 0,
      enabledWhen: () => recommenderOf(shell().tab) !== null,
      reason: 'Go to a recommender first',
      run: () => recommend().go(recommenderOf(shell().tab)!, step),
    }),
  ),

  {
    id: 'view.palette',
    label: 'Command palette',
    group: 'View',
    keys: ['Ctrl+K'],
    run: () => shell().show('palette'),
  },
  {
    id: 'view.rail',
    label: 'Narrow or widen the rail',
    group: 'View',
    keys: ['Ctrl+B'],
    run: () => shell().toggleRail(),
  },
  {
    id: 'view.inspector',
    label: 'Show or hide the inspector',
    group: 'View',
    keys: ['Ctrl+J'],
    run: () => shell().toggleInspector(),
  },
  {
    id: 'view.jobs',
    label: 'Jobs',
    group: 'View',
    keys: ['Ctrl+Shift+J'],
    run: () => shell().show(shell().overlay === 'jobs' ? null : 'jobs'),
  },
  { id: 'view.light', label: 'Light theme', group: 'View', run: () => useTheme.getState().choose('light') },
  { id: 'view.dark', label: 'Dark theme', group: 'View', run: () => useTheme.getState().choose('dark') },
  {
    id: 'view.system',
    label: 'Theme of the system',
    group: 'View',
    run: () => useTheme.getState().choose('system'),
  },
  {
    id: 'view.singleKeys',
    label: 'Single-letter shortcuts on or off',
    group: 'View',
    run: () => shell().setSingleKeys(!shell().singleKeys),
  },
  { id: 'view.regionNext', label: 'Next region', group: 'View', keys: ['F6'], run: () => nextRegion(1) },
  {
    id: 'view.regionBack',
    label: 'Previous region',
    group: 'View',
    keys: ['Shift+F6'],
    run: () => nextRegion(-1),
  },
  {
    id: 'view.escape',
    label: 'Close the top layer, then clear the selection',
    group: 'View',
    keys: ['Esc'],
    run: closeTopLayer,
  },

  {
    id: 'help.sheet',
    label: 'Help and shortcuts',
    group: 'Help',
    keys: ['?', 'F1'],
    run: () => shell().show('help'),
  },
];

export function action(id: string): Action {
  const found = actions.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`internal: no action "${id}"`);
  return found;
}
