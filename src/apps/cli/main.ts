import { runCommand } from './run.ts';

// Left to itself, work that an interrupted command does not end would keep the process; hence exit, not exitCode.
process.exit(
  await runCommand(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error);
    return 3;
  }),
);
