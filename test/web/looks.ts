/** What every view has to be: accessible, calm while it loads, no wider than the window, in the colours that are asked for. */
import { expect } from 'bun:test'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { type Visit, visit } from './browser.ts'

export const SIZES = { desktop: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } }
export const SCHEMES = ['light', 'dark'] as const

export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { axe: tool } = globalThis as unknown as { axe: typeof axe } // the line above put it there
    return (await tool.run(document)).violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`,
    )
  })
}

/** Visits a view, waits until it shows everything, and judges it. */
export async function expectGoodLooks(to: Visit, path: string, ready: (page: Page) => Promise<void>) {
  const { page, troubles, close } = await visit(to)
  await page.addInitScript(() => {
    const sum = { shift: 0 }
    Object.assign(globalThis, { sum })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        sum.shift += (entry as PerformanceEntry & { value: number }).value // layout-shift has one
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await page.goto(path)
  await ready(page)
  const measured = await page.evaluate(() => ({
    ...(globalThis as unknown as { sum: { shift: number } }).sum, // set above
    tooWide: document.documentElement.scrollWidth - innerWidth,
    cutOff: [...document.querySelectorAll('section')]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map(({ textContent }) => textContent),
    isDark: getComputedStyle(document.body).colorScheme,
  }))
  expect(measured.shift).toBeLessThan(0.01)
  expect(measured.tooWide).toBeLessThanOrEqual(0)
  expect(measured.cutOff).toEqual([])
  expect(measured.isDark).toContain(to.colorScheme ?? 'light')
  expect(await violations(page)).toEqual([])
  expect(await page.title()).toEndWith(' · Fairlead')
  expect(troubles).toEqual([])
  await close()
}
