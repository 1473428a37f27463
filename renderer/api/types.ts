import type { Contract } from '@etalon/core/api/contract';
import type { InferContractRouterOutputs } from '@orpc/contract';

export type { EtalonClient as Api } from '@etalon/core/api/client';
export type {
  ApiDeviceInfo,
  ApiImportReport,
  ApiJobState,
  ApiMetricPoint,
  ApiProjectInfo,
  ApiRouteAnswer,
  ApiRunInfo,
  ApiSegmentInfo,
  ApiSettingInfo,
  ApiTrainConfig,
  ApiTripMapping,
  Contract,
  EtaEvaluation,
  EtaMetrics,
} from '@etalon/core/api/contract';

type Outputs = InferContractRouterOutputs<Contract>;
export type AppInfo = Outputs['app']['info'];
export type FolderListing = Outputs['app']['listFolder'];
export type TripPreview = Outputs['trips']['preview'];
export type TripSummary = Outputs['trips']['summary'];
export type DayCurve = Outputs['predict']['day'];
export type RoadHit = Outputs['roads']['search'][number];
export type Point = [number, number];
