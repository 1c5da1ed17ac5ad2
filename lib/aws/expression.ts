import type { Storable } from './attribute-values'

type Part = Exclude<Storable, undefined> | Expression

/** A DynamoDB expression with its values, created by `where`. */
export class Expression {
  readonly #strings: readonly string[]
  readonly #parts: readonly Part[]

  constructor(strings: readonly string[], parts: readonly Part[]) {
    this.#strings = strings
    this.#parts = parts
  }

  /** Returns the text, with a placeholder for each value. Adds the values of the placeholders to `values`. */
  spell(values: Record<string, Storable>): string {
    const spelled = this.#parts.map((part) => {
      if (part instanceof Expression) return part.spell(values)
      const name = `:v${Object.keys(values).length}`
      values[name] = part
      return name
    })
    return String.raw({ raw: this.#strings }, ...spelled)
  }
}

/**
 * Creates an expression ("Using expressions in DynamoDB", developer guide). `${…}` is a value or another expression.
 * `#name` is the attribute with that name, which may be a reserved word of DynamoDB.
 */
export function where(strings: TemplateStringsArray, ...parts: readonly Part[]): Expression {
  return new Expression(strings, parts)
}

/** Maps each `#name` in the texts to its attribute (`ExpressionAttributeNames`). */
export function namesIn(...texts: readonly (string | undefined)[]): Readonly<Record<string, string>> {
  const found = texts.flatMap((text) => [...(text ?? '').matchAll(/#(\w+)/g)])
  return Object.fromEntries(found.map(([placeholder, name = '']) => [placeholder, name]))
}
