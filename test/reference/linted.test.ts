/** The OpenAPI document, judged by a public linter: Redocly's strict set and more. */
import { expect, test } from 'bun:test'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { openApi } from '../../src/api/openapi.ts'

/** `recommended-strict` makes an error of every warning; these are off in it. */
const MORE = {
  'operation-description': 'error',
  'operation-singular-tag': 'error',
  'operation-tag-defined': 'error',
  'operation-4xx-problem-details-rfc7807': 'error',
  'parameter-description': 'error',
  'path-params-defined': 'error',
  'paths-kebab-case': 'error',
  'component-name-unique': 'error',
  'array-parameter-serialization': 'error',
  'spec-example-values': 'error',
  'info-contact': 'error',
} as const

const lint = async (document: object) => {
  const problems = await lintFromString({
    source: JSON.stringify(document),
    absoluteRef: '/openapi.json',
    config: await createConfig({ extends: ['recommended-strict'], rules: MORE }),
  })
  return problems.map(
    ({ ruleId, message, location }) => `${ruleId}: ${message} (${location[0]?.pointer ?? ''})`,
  )
}

test('the reference passes without an error or a warning', async () => {
  expect(await lint(openApi('1.2.3'))).toEqual([])
})

test('and the linter is awake', async () => {
  const document = openApi('1.2.3')
  expect((await lint({ ...document, tags: [], security: [] })).length).toBeGreaterThan(10)
})
