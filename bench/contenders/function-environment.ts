/** The variables of serverless.yml that the functions need to load. */
export const functionEnvironment = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  CLIENTS_TABLE: 'clients',
  MESSAGES_TABLE: 'messages',
  // Nothing listens there: the first connections of a function that is only loaded fail.
  AWS_ENDPOINT_URL: 'https://localhost',
  CALLBACK_URL: 'https://localhost/dev',
  ALLOWED_ORIGINS: '*',
  ACCESS: 'open',
  TARGET_LANGUAGE: 'fr',
  SOURCE_LANGUAGE: 'auto',
  REQUESTS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:requests',
  EVENTS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:messages',
  FAILED_EVENTS_URL: 'https://localhost/000000000000/failed-events',
  LEFTOVERS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:leftovers',
  CLOSINGS_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/closings',
  ROOM_CHANGES_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/room-changes',
  POWERTOOLS_SERVICE_NAME: 'bench',
  POWERTOOLS_METRICS_NAMESPACE: 'Bench',
  POWERTOOLS_LOG_LEVEL: 'INFO',
} as const
