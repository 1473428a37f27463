import { Minus, Plus } from 'lucide-react';
import type { Map as MapLibre } from 'maplibre-gl';

export function ZoomButtons({ map }: { map: MapLibre }) {
  return (
    <div className="zoom-buttons">
      <button type="button" aria-label="Zoom in" onClick={() => map.zoomIn()}>
        <Plus size={16} aria-hidden />
      </button>
      <button type="button" aria-label="Zoom out" onClick={() => map.zoomOut()}>
        <Minus size={16} aria-hidden />
      </button>
    </div>
  );
}
