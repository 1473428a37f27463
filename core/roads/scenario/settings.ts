/** How hard assignment tries. */
export interface AssignmentSettings {
  /** Rounds in which every trip concerned may change its way. */
  rounds: number;
  /** Trips that look for a way in each round; where more are concerned, a sample stands for all. */
  mostTrips: number;
  /** It ends when a smaller share of the trips concerned moves in a round. */
  settledShare: number;
  /** A way must be quicker by this share of the trip's base seconds to be worth a change (bounded rationality). */
  indifference: number;
}

export const assignmentDefaults: AssignmentSettings = {
  rounds: 4,
  mostTrips: 600,
  settledShare: 0.02,
  indifference: 0.03,
};
