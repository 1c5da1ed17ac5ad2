import { assumedWaitsMs, slowness } from '../prices/memory-sizes'

/** What the figures mean, and what they do not mean. */
export const howToRead = `How to read it

Ratios hold between machines, microseconds do not. The bare loop does nothing but post; what is below 1 has the faster sender. "This
project" is the publish function as it is deployed, the log included: each publish is an event that was not there before.

graphql-lambda-subscriptions is there twice. As its README sets it up, it makes a client of the AWS SDK for each post, from what is
stored with the subscription, and the SDK's own agent keeps 50 connections (AWS_NODEJS_CONNECTION_REUSE_ENABLED=1). "Tuned client" hands it
one client with 100 connections, as the others have, and without tries. aws-lambda-graphql makes one client by itself; its publish is
what its event processor does for one record of its stream.

Calls and units are counted at the stand-ins for publishes, and in front of dynalite for what a client does, by AWS's rules and indexes
included; executions by wrapping graphql-js's execute, or the field's resolver. Before a publish come one SNS publish (this project)
or one write to the events table (aws-lambda-graphql): they are in the prices. Lambda's own price and connection minutes are not. For 10 of 10,000,
this project's topic selects; the libraries read all rows, and filter then.

Memory sizes are a model: a processor share of memory / 1,769 MB, each CPU ms ${slowness} times as long on Lambda as here, and waits of ${assumedWaitsMs.dynamoDb} ms for each
call of DynamoDB, ${assumedWaitsMs.Publish} of SNS, ${assumedWaitsMs.TranslateText} of Translate, one after the other, and ${assumedWaitsMs.PostToConnection} for each 100 posts beside the CPU. "Cheapest within 10 %" is the largest
size that costs at most a tenth more than the cheapest, "fastest reasonable" the smallest one that takes at most a tenth longer than
the fastest. A size is too small where the peak takes more than four fifths of it. init is CPU alone, before Lambda's own part.

Figures of a busy machine are for looking, not for quoting.
`
