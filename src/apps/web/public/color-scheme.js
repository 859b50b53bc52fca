// Runs before the first paint, so that a dark screen never flashes white. A file of its own because the content policy
// allows no inline script.
(() => {
  let chosen = 'auto';
  try {
    chosen = localStorage.getItem('assay-color-scheme') || 'auto';
  } catch {
    // Storage is closed in some private windows; the system's choice is used then.
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.mantineColorScheme = dark ? 'dark' : 'light';
})();
