export { forgetStoredObjects } from './forget.ts';
export { openStoredObjects } from './object-store.ts';
