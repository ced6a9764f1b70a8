import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  build: {
    // Files only: anything inlined as a data: URL would need a hole in the Content-Security-Policy.
    assetsInlineLimit: 0,
    // Browsers that lack module preload still load the page; the polyfill would only be more to download.
    modulePreload: { polyfill: false },
  },
  server: {
    // `pnpm dev` beside a running server (`npm start`): same origin for the page, as in production.
    proxy: { '/v1': { target: 'http://localhost:8080', ws: true } },
  },
});
