import {
  convertCssVariables,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  mergeMantineTheme,
} from '@mantine/core'
import { theme, variables } from './theme.ts'

/**
 * The theme's variables as a style sheet of this document. Mantine would write them into a `<style>`, which the
 * Content-Security-Policy forbids, as it forbids every other one that somebody might put into the page.
 */
export function adoptVariables(): void {
  const whole = mergeMantineTheme(DEFAULT_THEME, theme)
  const [usual, own] = [defaultCssVariablesResolver(whole), variables(whole)]
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(
    convertCssVariables({
      variables: { ...usual.variables, ...own.variables },
      light: { ...usual.light, ...own.light },
      dark: { ...usual.dark, ...own.dark },
    }),
  )
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
}
