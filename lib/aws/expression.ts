import type { Storable } from './attribute-values'

type Part = Exclude<Storable, undefined> | Expression

/** An expression of DynamoDB's, with the values that are in it. `where` makes one. */
export class Expression {
  readonly #strings: readonly string[]
  readonly #parts: readonly Part[]

  constructor(strings: readonly string[], parts: readonly Part[]) {
    this.#strings = strings
    this.#parts = parts
  }

  /** Its text, with a placeholder for each value. Adds what the placeholders stand for to `values`. */
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
 * Writes an expression ("Using expressions in DynamoDB", developer guide). `${…}` is a value, or another expression; `#name` is the
 * attribute of that name, which may be a word that DynamoDB reserves.
 */
export function where(strings: TemplateStringsArray, ...parts: readonly Part[]): Expression {
  return new Expression(strings, parts)
}

/** What each `#name` in texts of expressions stands for (`ExpressionAttributeNames`). */
export function namesIn(...texts: readonly (string | undefined)[]): Readonly<Record<string, string>> {
  const found = texts.flatMap((text) => [...(text ?? '').matchAll(/#(\w+)/g)])
  return Object.fromEntries(found.map(([placeholder, name = '']) => [placeholder, name]))
}
