import { z } from 'zod'
import { Fault, type FieldError } from '../base/fault.ts'

/** What a form, a prompt and the reference say about one field of a driver's settings; set by `.meta()` on its schema. */
export interface DriverFieldWords {
  label: string
  help?: string
  /** Sealed where it is kept, and never told again. */
  secret?: boolean
  example?: string
}

export interface DriverField extends DriverFieldWords {
  name: string
  /** `list`: texts, one a line. */
  type: 'text' | 'number' | 'switch' | 'choice' | 'list'
  choices?: string[]
  secret: boolean
  required: boolean
  /** What it is when it isn't given. */
  default?: unknown
}

/** One entry of a printed list of drivers: everything that is known of it before it is connected. */
export interface Driver<Port, Tools> {
  kind: string
  label: string
  config: z.ZodObject
  /** Reaches nobody yet. Throws `invalid` for settings that don't fit the schema. */
  connect(config: unknown, tools: Tools): Port
}

/** Ties a driver's schema to what it connects with, so that each driver sees its settings typed and all of them fit one list. */
export function driver<Config extends z.ZodObject, Port, Tools>(
  given: Pick<Driver<Port, Tools>, 'kind' | 'label'> & {
    config: Config
    connect(config: z.infer<Config>, tools: Tools): Port
  },
): Driver<Port, Tools> {
  return {
    kind: given.kind,
    label: given.label,
    config: given.config,
    connect(config, tools) {
      const parsed = given.config.safeParse(config)
      if (parsed.success) return given.connect(parsed.data, tools)
      throw new Fault('invalid', `The settings of ${given.label} don't fit.`, {
        hint: 'Correct the named fields.',
        errors: parsed.error.issues.map(fieldError),
      })
    },
  }
}

const fieldError = ({ path, message }: { path: PropertyKey[]; message: string }): FieldError => ({
  field: path.map(String).join('.'),
  message,
})

/** The fields of a driver's settings, in the order in which they are asked for. */
export function driverFields({ config }: { config: z.ZodObject }): DriverField[] {
  return Object.entries(config.shape).map(([name, schema]) => {
    const { inner, required, fallback } = unwrapped(schema)
    const words = wordsOf(schema) ?? wordsOf(inner)
    if (words === undefined) throw new Error(`the field ${name} of a driver has no words`)
    return {
      name,
      ...words,
      secret: words.secret ?? false,
      required,
      ...typeOf(inner),
      ...(fallback !== undefined && { default: fallback }),
    }
  })
}

function unwrapped(schema: unknown): { inner: unknown; required: boolean; fallback?: unknown } {
  if (schema instanceof z.ZodDefault)
    return { ...unwrapped(schema.unwrap()), required: false, fallback: schema.def.defaultValue }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return { ...unwrapped(schema.unwrap()), required: false }
  return { inner: schema, required: true }
}

function typeOf(schema: unknown): Pick<DriverField, 'type' | 'choices'> {
  if (schema instanceof z.ZodEnum) return { type: 'choice', choices: schema.options.map(String) }
  if (schema instanceof z.ZodBoolean) return { type: 'switch' }
  if (schema instanceof z.ZodNumber) return { type: 'number' }
  return { type: schema instanceof z.ZodArray ? 'list' : 'text' }
}

function wordsOf(schema: unknown): DriverFieldWords | undefined {
  const meta = schema instanceof z.ZodType ? (schema.meta() ?? {}) : {}
  return 'label' in meta && typeof meta.label === 'string' ? { ...meta, label: meta.label } : undefined
}

/** The names of the fields that are sealed. */
export const secretFields = (given: { config: z.ZodObject }): string[] =>
  driverFields(given).flatMap(({ name, secret }) => (secret ? [name] : []))
