import { defineConfig } from 'vitepress'

const pages = ['casting-off', 'mooring', 'knots', 'lights', 'tides', 'anchoring', 'weather', 'signals']

export default defineConfig({
  title: 'The harbour guide',
  description: 'A small book about boats',
  outDir: '../built/guide',
  cleanUrls: true,
  themeConfig: {
    search: { provider: 'local' },
    sidebar: pages.map((page) => ({ text: page.replace('-', ' '), link: `/chapters/${page}` })),
  },
})
