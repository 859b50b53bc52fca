import { compose } from './compose.ts';
import { runServer } from './life-cycle.ts';

await runServer(compose, process.argv.slice(2));
