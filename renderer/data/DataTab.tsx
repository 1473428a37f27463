import { useShell } from '../stores/shell.ts';
import { ImportRoads } from './ImportRoads.tsx';
import { ImportSpeeds } from './ImportSpeeds.tsx';
import { ImportTrips } from './ImportTrips.tsx';
import { ImportInteractions } from './interactions/ImportInteractions.tsx';
import { Overview } from './Overview.tsx';
import { ImportObservations } from './observations/ImportObservations.tsx';
import { Simulate } from './Simulate.tsx';
import './data.css';

export function DataTab() {
  const page = useShell((state) => state.dataPage);
  if (page === 'roads') return <ImportRoads />;
  if (page === 'trips') return <ImportTrips />;
  if (page === 'observations') return <ImportObservations />;
  if (page === 'speeds') return <ImportSpeeds />;
  if (page === 'interactions') return <ImportInteractions />;
  if (page === 'simulate') return <Simulate />;
  return <Overview />;
}
