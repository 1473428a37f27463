export { GPS_FIELDS, type GpsMapping, type PartialGpsMapping } from './mapping.ts';
export { type GpsPreview, previewGps } from './preview.ts';
export { type GpsImport, type GpsOptions, readGps } from './readGps.ts';
