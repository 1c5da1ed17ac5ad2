import * as v from 'valibot'

/** Who a connection or a request belongs to, as its token says. It is stored with the connection. */
export const identitySchema = v.object({
  /** `sub`: the user, for as long as the issuer has them. */
  subject: v.string(),
  /** `groups`, or `cognito:groups`: what the user belongs to. */
  groups: v.array(v.string()),
  /** `exp`: epoch seconds after which the token opens nothing. */
  expiresAtSeconds: v.pipe(v.number(), v.integer()),
})

export type Identity = Readonly<v.InferOutput<typeof identitySchema>>
