import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The web app. `#src/*` and `#primitives` resolve through package.json imports, the second under the `browser` condition. */
export default defineConfig({
  root: 'src/apps/web',
  publicDir: 'public',
  plugins: [react()],
  build: {
    outDir: '../../../dist/web',
    emptyOutDir: true,
    target: 'es2023',
    cssTarget: 'es2023',
    // The strict content policy of the server allows no inline script and no data: script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      treeshake: {
        // The features' model.ts files declare zod schemas at the top level. The browser needs a few constants of them,
        // not the schemas: without this every page would carry zod.
        manualPureFunctions: ['z'],
      },
    },
  },
  server: {
    port: 4430,
    strictPort: true,
    proxy: { '/api': { target: `http://127.0.0.1:${process.env.ASSAY_PORT ?? 4400}` } },
  },
});
