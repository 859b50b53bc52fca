export {
  type Actor,
  actorOf,
  actorText,
  COMMAND_LINE,
  ledgerActor,
  type NamesOf,
  parseActor,
  personOf,
  resolveWho,
  userText,
  wordsOf,
} from './actor.ts';
export {
  type Append,
  createRecords,
  type Judge,
  type JudgeCause,
  type Judged,
  type Records,
} from './change-records.ts';
export { decodeCursor, encodeCursor } from './cursor.ts';
export { databaseCode, lockFor } from './lock.ts';
export { RECORDS_SOURCE, Who } from './model.ts';
export {
  createStoreRecords,
  RECORD_KINDS,
  type RecordKind,
  type RecordReaders,
  type StoreRecords,
} from './store-records.ts';
