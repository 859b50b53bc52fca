import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/**
 * The features' model.ts files declare zod schemas beside the few constants a page needs. Told that making a schema has no
 * effect, the bundler leaves out those nobody uses, and zod with them: a quarter of the first screen's script.
 */
const schemasArePure: Plugin = {
  name: 'assay-schemas-are-pure',
  apply: 'build',
  transform: {
    filter: { id: /\/src\/(features\/[^/]+|catalog|facts)\/[^/]+\.ts$/, code: /from ["']zod["']/ },
    handler: (code) => ({
      // `z.…`, `Schema.…(` and `camelSchema.…(` as the first thing after an opening or an equals sign.
      code: code.replaceAll(/(?<=[=(,[{:]\s*)(?=(?:z|[A-Z]\w*|\w+Schema)\.[a-z]\w*[.(])/g, '/* @__PURE__ */ '),
      map: null,
    }),
  },
};

/** The web app. `#src/*` and `#primitives` resolve through package.json imports, the second under the `browser` condition. */
export default defineConfig({
  root: 'src/apps/web',
  publicDir: 'public',
  plugins: [react(), schemasArePure],
  build: {
    outDir: '../../../dist/web',
    emptyOutDir: true,
    target: 'es2023',
    cssTarget: 'es2023',
    // The strict content policy of the server allows no inline script and no data: script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { treeshake: { propertyReadSideEffects: false } },
  },
  server: {
    port: 4430,
    strictPort: true,
    proxy: { '/api': { target: `http://127.0.0.1:${process.env.ASSAY_PORT ?? 4400}` } },
  },
});
