/** Whether an answer is one that the OpenAPI document describes: status, content type, schema of the body. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { openApi } from '../../src/api/openapi.ts'

export interface Operation {
  operationId: string
  parameters: Parameter[]
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { content?: Record<string, { schema: object; examples?: Examples }> }>
}
export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  schema: object
}
type Examples = Record<string, { summary: string; value: unknown }>
interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

export interface Answered {
  status: number
  /** As the header has it, or null without one. */
  type: string | null
  body: Uint8Array
}

export class Judge {
  readonly document = openApi('1.2.3') as unknown as Document
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true })
  private readonly validators = new Map<object, ReturnType<Ajv2020['compile']>>()

  constructor() {
    addFormats.default(this.ajv)
    this.ajv.addSchema({ $id: DOCUMENT, components: this.document.components })
  }

  operation(method: string, path: string): Operation {
    const found = this.document.paths[`/api/v1${path}`]?.[method]
    if (!found) throw new Error(`the document has no ${method} ${path}`)
    return found
  }

  /** What the document does not describe of it; empty when all is as it says. */
  complaints(operation: Operation, { status, type, body }: Answered): string[] {
    const response = operation.responses[status]
    if (!response) return [`answers ${status}, which is not described`]
    const media = type?.split(';', 1)[0] ?? ''
    if (!response.content)
      return body.length === 0 ? [] : [`answers ${status} with a body, which is not described`]
    const described = response.content[media]
    if (!described) return [`answers ${status} as "${media}", which is not described`]
    if (!media.endsWith('json')) return []
    return this.violations(described.schema, JSON.parse(new TextDecoder().decode(body)))
  }

  violations(schema: object, value: unknown): string[] {
    let validate = this.validators.get(schema)
    if (!validate) {
      validate = this.ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', `"${DOCUMENT}#/`)))
      this.validators.set(schema, validate)
    }
    if (validate(value)) return []
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
    )
  }
}

const DOCUMENT = 'https://fairlead.invalid/openapi.json'
