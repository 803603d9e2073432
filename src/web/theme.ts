import { type CSSVariablesResolver, createTheme, type MantineColorsTuple, Menu, Modal } from '@mantine/core'

const harbor: MantineColorsTuple = [
  '#eaf6f9',
  '#d3eaf1',
  '#a6d4e2',
  '#75bdd3',
  '#4fa9c6',
  '#3399ba',
  '#1f7d9e',
  '#166580',
  '#0f5169',
  '#0a3d50',
]
const ink: MantineColorsTuple = [
  '#d5dde2',
  '#b3bfc6',
  '#98a7b0',
  '#5c6c76',
  '#33424b',
  '#26333b',
  '#1a252c',
  '#121b21',
  '#0d151a',
  '#090f13',
]

export const theme = createTheme({
  primaryColor: 'harbor',
  primaryShade: { light: 7, dark: 6 },
  colors: { harbor, dark: ink },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  fontFamily:
    'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  components: {
    Menu: Menu.extend({
      // Inside the landmark of the page, and without a hidden stop for the focus, which assistive technology would read.
      defaultProps: { withInitialFocusPlaceholder: false, portalProps: { target: '#content' } },
    }),
    Modal: Modal.extend({
      defaultProps: {
        radius: 'lg',
        padding: 'lg',
        // Mantine's lock is a <style>, which the Content-Security-Policy forbids; global.css has ours.
        lockScroll: false,
        overlayProps: { backgroundOpacity: 0.4 },
        // A dialog's header is no banner of the page.
        attributes: { header: { role: 'none' } },
      },
      styles: {
        content: { background: 'var(--card)', scrollPaddingBottom: 84 },
        header: { background: 'var(--card)' },
        title: { fontSize: 18, fontWeight: 650, overflowWrap: 'anywhere' },
      },
    }),
  },
  headings: { fontWeight: '650' },
})

/** Grey texts of Mantine fall below 4.5:1; ours do not. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f4f6f7',
    '--mantine-color-text': '#14212a',
    '--mantine-color-dimmed': '#54646e',
    '--mantine-color-placeholder': '#64737d',
    '--mantine-color-error': '#a61b1b',
    '--mantine-color-anchor': '#0f5f7a',
  },
  dark: {
    '--mantine-color-body': '#0d151a',
    '--mantine-color-text': '#dfe7ec',
    '--mantine-color-dimmed': '#9fafb9',
    '--mantine-color-placeholder': '#8b9ba5',
    '--mantine-color-error': '#ff9d9d',
    '--mantine-color-anchor': '#75bdd3',
  },
})
