import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// `npm run dev` serves the console by itself, and asks a server that runs beside it: bamboo dev --listen 127.0.0.1:8420.
const server = process.env['BAMBOO_SERVER'] ?? 'http://127.0.0.1:8420';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // The server's policy allows no inline script and no data: script; everything is a file of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': { target: server, changeOrigin: true }, '/login': { target: server, changeOrigin: true } } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
