/** The protocols that this page speaks, by what chooses them in its address: `?protocol=graphql-transport-ws`. */
export const protocols = ['graphql-ws', 'graphql-transport-ws'] as const
export type Protocol = (typeof protocols)[number]
