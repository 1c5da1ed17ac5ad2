import { NoSchemaIntrospectionCustomRule, type ValidationRule } from 'graphql'

/** The rule that refuses questions for the schema, unless `INTROSPECTION` is `on`: who knows an API needs not ask it for itself. */
export function introspectionRules(environment: NodeJS.ProcessEnv = process.env): readonly ValidationRule[] {
  return environment['INTROSPECTION'] === 'on' ? [] : [NoSchemaIntrospectionCustomRule]
}
