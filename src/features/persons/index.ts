export { type ErasureServices, erasePerson } from './erase-person.ts';
export { isPerson, listPersons, personDetail } from './read-persons.ts';
export { personRoutes } from './routes.ts';
