import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { ROUTES } from './src/contract/routes.ts'

/**
 * The page needs the paths of the contract, not its schemas: the route table is handed to it as plain data, so that
 * the validation library stays on the server.
 */
const leanRoutes: Plugin = {
  name: 'lean-routes',
  enforce: 'pre',
  load(id) {
    if (!id.endsWith('/src/contract/routes.ts')) return null
    const rows = Object.entries(ROUTES).map(([name, { method, path, answer }]) => [
      name,
      { method, path, answer: { kind: answer.kind } },
    ])
    return `export const ROUTES = ${JSON.stringify(Object.fromEntries(rows))}`
  },
}

export default defineConfig({
  root: 'src/web',
  plugins: [leanRoutes, react()],
  build: {
    outDir: '../../build/page',
    emptyOutDir: true,
    // Assets are answered by the server under `default-src 'self'`: nothing inline, nothing from elsewhere.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
})
