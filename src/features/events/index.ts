export { eventOfDecision, type SystemOfCall, UNASSIGNED } from './decision-event.ts';
export { defaultSource } from './delivery-body.ts';
export {
  countEvents,
  countEventsBefore,
  eraseEventsOfDay,
  firstDayBefore,
  tidyEvents,
  wereErased,
} from './erase-events.ts';
export { type Drift, type ImportedFile, type ImportMapping, importFile } from './import-file.ts';
export {
  type Delivery,
  type DeliveryItem,
  type EventServices,
  ingest,
  once,
  readItems,
  systemFinder,
} from './ingest.ts';
export { markHoursLate } from './late-hours.ts';
export { type ParseContext, parseEvent } from './parse-event.ts';
export { eventRoutes } from './routes.ts';
export { systemsOfCalls } from './routes-of-systems.ts';
export { silentSources } from './silent-sources.ts';
export { type SequenceReading, sequencesWithin } from './sources.ts';
export { splitEvents } from './split-json.ts';
