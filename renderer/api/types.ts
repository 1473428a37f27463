import type { EtalonClient } from '@etalon/core/api/client';

export type { EtalonClient as Api } from '@etalon/core/api/client';
export type {
  ApiDeviceInfo,
  ApiDifferenceRange,
  ApiExplanation,
  ApiGpsMapping,
  ApiImportReport,
  ApiInteractionFile,
  ApiInteractionPreview,
  ApiInteractionSummary,
  ApiIsochrone,
  ApiJobState,
  ApiMapLayer,
  ApiMetricPoint,
  ApiNodeList,
  ApiObservationMapping,
  ApiProjectInfo,
  ApiRecommender,
  ApiRecommenderChoice,
  ApiRouteAnswer,
  ApiRunComparison,
  ApiRunInfo,
  ApiScenario,
  ApiScenarioEdit,
  ApiScenarioNotice,
  ApiScenarioSummary,
  ApiSegmentDay,
  ApiSegmentInfo,
  ApiSegmentWeek,
  ApiSettingInfo,
  ApiSimulation,
  ApiSpeedExport,
  ApiSupersegmentCatalogue,
  ApiSupersegmentDetail,
  ApiSupersegmentQuestion,
  ApiSupersegmentRow,
  ApiTrainConfig,
  ApiTripMapping,
  Contract,
  DeliveryWay,
  EmbeddingMap,
  EtaEvaluation,
  EtaMetrics,
  FilePurpose,
  RankingFigures,
  RecommendationReasons,
  RecommendedItem,
  RecommendQuestion,
  ReportTable,
  RunComparison,
  SliceBy,
  StoredRanking,
  UserRecommendations,
} from '@etalon/core/api/contract';

/** What a procedure answers. */
type Answer<Procedure extends (...given: never[]) => unknown> = Awaited<ReturnType<Procedure>>;

export type AppInfo = Answer<EtalonClient['app']['info']>;
export type FolderListing = Answer<EtalonClient['app']['listFolder']>;
export type TripPreview = Answer<EtalonClient['trips']['preview']>;
export type GpsPreview = Answer<EtalonClient['gps']['preview']>;
export type ObservationPreview = Answer<EtalonClient['observations']['preview']>;
export type ObservationSummary = Answer<EtalonClient['observations']['summary']>;
export type TripSummary = Answer<EtalonClient['trips']['summary']>;
export type DayCurve = Answer<EtalonClient['predict']['day']>;
export type ScenarioSpeeds = Answer<EtalonClient['scenarios']['speeds']>;
export type ScenarioRoute = Answer<EtalonClient['scenarios']['route']>;
export type RoadHit = Answer<EtalonClient['roads']['search']>[number];
export type Point = [number, number];
