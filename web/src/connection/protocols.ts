/** The protocols of this page, by their name in its address: `?protocol=graphql-transport-ws`. */
export const protocols = ['graphql-ws', 'graphql-transport-ws'] as const
export type Protocol = (typeof protocols)[number]
