/** The OpenAPI 3.1 document, from the same table and the same schemas that judge each request. */
import { ROUTES, type Route, type RouteName } from '../contract/routes.ts'
import { nounOf, operation } from './openapi/operation.ts'
import { type Json, Schemas } from './openapi/schemas.ts'
import { NOUNS } from './openapi/words.ts'

export const API_ROOT = '/api/v1'

export function openApi(version: string): Json {
  const schemas = new Schemas()
  const paths: Record<string, Json> = {}
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    const path = `${API_ROOT}${route.path}`
    paths[path] = { ...paths[path], [route.method]: operation(name as RouteName, route, schemas) } // a key of the table
  }
  const nouns = new Set(Object.keys(ROUTES).map(nounOf))
  return {
    openapi: '3.1.0',
    info: {
      title: 'Fairlead',
      version,
      summary: 'Services, environments, deployments.',
      description: DESCRIPTION,
      contact: { name: 'The people who run this server' },
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This server.' }],
    security: Object.keys(SECURITY_SCHEMES).map((name) => ({ [name]: [] })),
    tags: Object.entries(NOUNS)
      .filter(([name]) => nouns.has(name))
      .map(([name, description]) => ({ name, description })),
    paths,
    components: { securitySchemes: SECURITY_SCHEMES, schemas: schemas.components },
  }
}

const DESCRIPTION = `Lists answer \`{items, next}\`; send \`next\` as \`?cursor=\` for the page after. Everything has an
\`ETag\`: send it as \`If-Match\` with a change and nothing that somebody else changed meanwhile is overwritten (412).
What goes wrong is a problem document (RFC 9457) with \`code\`, \`detail\`, \`hint\` and \`errors\`; the codes are a
[closed list](/docs/problems). Unknown fields are refused. What one may not read is not there (404); what one may read but
not do is forbidden (403). The examples are calls that a test makes, with the answers that a server gave.`

const SECURITY_SCHEMES = {
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'fl_…',
    description: 'An API key: what scripts and CI jobs send.',
  },
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A token of ten minutes that belongs to a session.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-fairlead',
    description:
      'The cookie of a sign-in; `fairlead` on a server without HTTPS. Changes have to come from our own page.',
  },
}
