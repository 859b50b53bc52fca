// Loaded before each program under measurement: tells the driver what it has used, when asked.
process.on('message', (message) => {
  if (message !== 'usage') return;
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuUs: user + system, rssBytes: process.memoryUsage().rss });
});
process.on('disconnect', () => process.exit(0));
