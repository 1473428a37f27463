export const TrainTab = () => null;
