// Loaded before each program under measurement: tells the driver what it has used, when asked.
process.on('message', (message) => {
  if (message !== 'usage') return;
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ cpuUs: user + system, rssBytes: rss, heapBytes: heapUsed, externalBytes: external });
});
process.on('disconnect', () => process.exit(0));
