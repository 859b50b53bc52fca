export {
  changedFacts,
  countFacts,
  type FactChange,
  factSpans,
  factsAt,
  factsOfSource,
  instantOf,
  type KindReading,
  listSources,
  pagesOfFacts,
  type SourceState,
  type StoredFact,
} from './queries.ts';
export { storedKey } from './reading.ts';
export {
  lockSource,
  type NewCollection,
  type RecordedCollection,
  recordCollection,
  retireSource,
} from './store.ts';
