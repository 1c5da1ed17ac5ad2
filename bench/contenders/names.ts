/** The contenders and their printed names. */
export const contenders = {
  project: 'this project',
  'project-http1': 'this project, in HTTP/1.1',
  'signed-loop': 'bare loop, signed posts',
  'sdk-loop': "bare loop, SDK's client",
  'lambda-subscriptions-readme': 'graphql-lambda-subscriptions, as its README',
  'lambda-subscriptions-tuned': 'graphql-lambda-subscriptions, tuned client',
  'aws-lambda-graphql': 'aws-lambda-graphql',
  stateful: 'stateful graphql-ws',
} as const

export type ContenderName = keyof typeof contenders

export const contenderNames = Object.keys(contenders) as readonly ContenderName[]

/** This project, and the libraries that publish from Lambda. */
export const publisherNames = [
  'project',
  'project-http1',
  'lambda-subscriptions-readme',
  'lambda-subscriptions-tuned',
  'aws-lambda-graphql',
] as const

export type PublisherName = (typeof publisherNames)[number]
