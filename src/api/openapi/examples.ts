/** The examples of the contract as the OpenAPI document shows them. */
import { ANSWERS, type AnyExample, examplesOf, shownExample } from '../../contract/examples.ts'
import type { Route, RouteName } from '../../contract/routes.ts'
import type { Json } from './schemas.ts'

/** The value that the first example which succeeds has for a parameter. */
export function parameterExample(
  route: RouteName,
  place: 'path' | 'query',
  name: string,
): string | undefined {
  const examples = examplesOf(route).map(([, example]) => shownExample(example))
  const good = examples.filter(({ status }) => status < 400)
  const values = [...good, ...examples].map(
    ({ params, query }) => (place === 'path' ? params : query)?.[name],
  )
  return values.find((value) => value !== undefined)
}

const asMap = (entries: [string, Json][]): Json =>
  entries.length === 0 ? {} : { examples: Object.fromEntries(entries) }

/** `examples` of a JSON body: what is to be refused is shown with its answer only. */
export function bodyExamples(route: RouteName): Json {
  return asMap(
    examplesOf(route)
      .filter(([, { json, status }]) => json !== undefined && status !== 422)
      .map(([key, example]) => [key, { summary: example.summary, value: shownExample(example).json }]),
  )
}

/** `examples` of the answers with this status and type, as a server gave them. */
export function answerExamples(route: RouteName, status: number, type: string): Json {
  return asMap(
    examplesOf(route).flatMap(([key, example]) => {
      const answer = ANSWERS[`${route}/${key}`]
      const isHere = example.status === status && answer?.type === type && answer.body !== null
      return isHere ? [[key, { summary: example.summary, value: answer.body }]] : []
    }),
  )
}

/** Each example as a line for the shell; `x-codeSamples` is what most viewers of OpenAPI show. */
export const codeSamples = (name: RouteName, route: Route): Json[] =>
  examplesOf(name).map(([, example]) => ({
    lang: 'Shell',
    label: example.summary,
    source: curlOf(route, shownExample(example)),
  }))

/** The call as a line for the shell, which reads $FAIRLEAD_SERVER and $FAIRLEAD_KEY. */
export function curlOf(route: Route, example: AnyExample): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_, key: string) =>
    encodeURIComponent(example.params?.[key] ?? ''),
  )
  const query = new URLSearchParams(example.query).toString()
  const method = route.method.toUpperCase()
  const words = [
    `"$FAIRLEAD_SERVER/api/v1${path}${query === '' ? '' : `?${query}`}"`,
    ...credentials(example, method),
    ...Object.entries(example.headers ?? {}).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(example.archive === undefined ? [] : [`-T ${example.archive}`]),
    ...(example.json === undefined
      ? []
      : ["-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(example.json))}`]),
  ]
  return `curl ${method === 'GET' ? '' : `-X ${method} `}${words.join(' \\\n  ')}`
}

function credentials({ as = 'key' }: AnyExample, method: string): string[] {
  if (as === 'nobody') return []
  if (as === 'key') return ['-H "Authorization: Bearer $FAIRLEAD_KEY"']
  // As the page sends them: a change with the cookie has to come from there.
  const origin = method === 'GET' ? [] : ['-H "Origin: $FAIRLEAD_SERVER"']
  return ['-b "fairlead=$FAIRLEAD_SESSION"', ...origin]
}

/** For a POSIX shell: nothing is special between single quotes but their end. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`
