export const MapTab = () => null;
