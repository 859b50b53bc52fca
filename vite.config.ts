import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/**
 * The features' model.ts files declare zod schemas beside the few constants a page needs. Told that making a schema has no
 * effect, the bundler leaves out those nobody uses, and zod with them: a quarter of the first screen's script.
 */
const PURE = '/* @__PURE__ */ ';
const schemasArePure: Plugin = {
  name: 'assay-schemas-are-pure',
  apply: 'build',
  transform: {
    filter: { id: /\/src\/(features\/[^/]+|catalog|facts)\/[^/]+\.ts$/, code: /from ["']zod["']/ },
    handler: (code) => ({
      // Every call that is the first thing after an opening, a comma or an equals sign: its result is used or not needed.
      code: code.replaceAll(
        /(?<=[=(,[{:]\s*)(?!(?:function|async|if|for|while|switch)\b)(?=[A-Za-z_]\w*(?:\.\w+)*\()/g,
        PURE,
      ),
      map: null,
    }),
  },
};

/** Writes a packed copy beside each file worth packing, for servers that send those: done once here and not at every request. */
const packedCopies: Plugin = {
  name: 'assay-packed-copies',
  apply: 'build',
  writeBundle({ dir = '' }, bundle) {
    for (const fileName of Object.keys(bundle)) {
      if (!/\.(?:js|css|html|svg)$/.test(fileName)) continue;
      const path = join(dir, fileName);
      const bytes = readFileSync(path);
      if (bytes.length < PACKED_BYTES_MIN) continue;
      writeFileSync(`${path}.br`, brotliCompressSync(bytes));
      writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    }
  },
};
const PACKED_BYTES_MIN = 1024;

/** The web app. `#src/*` and `#primitives` resolve through package.json imports, the second under the `browser` condition. */
export default defineConfig({
  root: 'src/apps/web',
  publicDir: 'public',
  plugins: [react(), schemasArePure, packedCopies],
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
