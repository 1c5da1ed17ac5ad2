import { type GraphQLSchema, isObjectType } from 'graphql'

type Resolver = object | ((...args: never) => unknown)

/**
 * Gives a schema's fields their resolvers, by type and field: a function is the field's `resolve`, an object has `subscribe`
 * and `resolve`. Throws if there is no such field. It is what `makeExecutableSchema` would do here, in a fifth of the time that
 * it takes to load.
 */
export function withResolvers(schema: GraphQLSchema, resolvers: object): GraphQLSchema {
  for (const [typeName, ofType] of Object.entries(resolvers) as [string, Record<string, Resolver>][]) {
    const type = schema.getType(typeName)
    if (!isObjectType(type)) throw new Error(`There are resolvers for ${typeName}, which is no object type.`)
    const fields = type.getFields()
    for (const [name, resolver] of Object.entries(ofType)) {
      const field = fields[name]
      if (!field) throw new Error(`There is a resolver for ${typeName}.${name}, which is no field.`)
      Object.assign(field, typeof resolver === 'function' ? { resolve: resolver } : resolver)
    }
  }
  return schema
}
