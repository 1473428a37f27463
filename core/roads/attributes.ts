import type { RoadClass, Surface } from './network.ts';

/** What holds for one direction of a road. */
export interface DirectionAttributes {
  speedLimitKmh: number;
  /** False where the limit is the class's default. */
  speedTagged: boolean;
  /** 0 when unknown. */
  lanes: number;
}

/** What a source says of a road, in our terms. */
export interface RoadAttributes {
  roadClass: RoadClass;
  link: boolean;
  surface: Surface;
  bridge: boolean;
  tunnel: boolean;
  toll: boolean;
  roundabout: boolean;
  name: string;
  /** In the direction in which the road is drawn; absent where it may not be driven that way. */
  forward?: DirectionAttributes;
  backward?: DirectionAttributes;
}
