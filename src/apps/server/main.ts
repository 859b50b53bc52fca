import { runServer } from './life-cycle.ts';

// The parts are loaded only once the settings are known to be right and the data folder to be free.
await runServer(async () => (await import('./compose.ts')).compose, process.argv.slice(2));
