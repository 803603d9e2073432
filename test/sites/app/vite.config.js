import { defineConfig } from 'vite'

export default defineConfig({
  build: { outDir: '../built/app', emptyOutDir: true, assetsInlineLimit: 0 },
})
