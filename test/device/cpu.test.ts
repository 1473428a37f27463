import { createCpuDevice } from '../../core/device/cpu/index.ts';
import { conformance } from '../support/deviceConformance.ts';

conformance('CPU', () => createCpuDevice({ threads: 2 }));
