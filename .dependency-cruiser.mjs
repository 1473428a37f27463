/**
 * The rooms and what each may import (ARCHITECTURE.md, "Rooms"). A room missing from a list may not be
 * imported from there; the build fails on any other import.
 */
const rooms = {
  base: [],
  tensor: ['base'],
  graph: ['base'],
  onnx: ['base', 'tensor'],
  device: ['base', 'tensor', 'onnx'],
  gnn: ['base', 'tensor', 'graph'],
  train: ['base', 'tensor', 'graph', 'gnn', 'device'],
  explain: ['base', 'tensor', 'gnn', 'device', 'train'],
  trees: ['base'],
  interactions: ['base', 'graph', 'tables'],
  retrieval: ['base'],
  tables: ['base'],
  roads: ['base', 'graph', 'tables'],
  project: ['base', 'tables', 'interactions', 'roads'],
  api: ['base', 'app', 'project', 'roads'],
  app: ['base', 'tables', 'interactions', 'api', 'project', 'roads', 'retrieval', 'device', 'onnx', 'train'],
};

const core = Object.entries(rooms).map(([room, allowed]) => ({
  name: `core-${room}`,
  comment: `core/${room} may import ${allowed.map((name) => `core/${name}`).join(', ') || 'nothing of ours'}.`,
  severity: 'error',
  from: { path: `^core/${room}/` },
  to: {
    path: '^(core|models|electron|cli|renderer|fixtures|test)/',
    pathNot: [room, ...allowed].map((name) => `^core/${name}/`),
  },
}));

const shells = Object.entries({
  models: ['core'],
  fixtures: ['core'],
  electron: ['core', 'models', 'fixtures'],
  cli: ['core', 'models', 'fixtures'],
  docs: ['core'],
}).map(([room, allowed]) => ({
  name: room,
  severity: 'error',
  from: { path: `^${room}/` },
  to: {
    path: '^(core|models|electron|cli|renderer|fixtures|test)/',
    pathNot: [room, ...allowed].map((name) => `^${name}/`),
  },
}));

export default {
  forbidden: [
    ...core,
    ...shells,
    {
      name: 'renderer-knows-only-the-contract',
      severity: 'error',
      from: { path: '^renderer/' },
      to: {
        path: '^(core|models|electron|cli|fixtures|test)/',
        pathNot: '^core/(api/(contract|client|wire)|base/(errors|index|progress|random|words))\\.ts$',
      },
    },
    {
      name: 'electron-stays-in-its-room',
      severity: 'error',
      from: { pathNot: '^(electron|test)/|^electron\\.vite\\.config\\.ts$' },
      to: { path: 'node_modules/electron/' },
    },
    {
      name: 'no-cycles',
      comment: 'Types may refer to each other across files; running code may not.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'declared-dependencies',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|dist)/' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
};
