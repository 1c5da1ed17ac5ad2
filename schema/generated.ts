// Written by "npm run generate" from schema.graphql.

export const typeDefs = "\"\"\"\nA chat whose messages come back translated.\n\"\"\"\ntype Query {\n  \"\"\"\n  A greeting: shows that the API answers.\n  \"\"\"\n  getEvent: String\n\n  \"\"\"\n  The translations of a chat's messages in the order of their numbers. They are kept for a day, unless the stage configures\n  another time.\n  \"\"\"\n  messages(\n    chatId: ID!\n    \"Only translations with a higher `sequence`. Default: all that are kept.\"\n    after: Int\n    \"The maximum number of translations, from 1 to 500. A response has at most 128 KB.\"\n    first: Int! = 100\n    \"Language codes, such as `fr`: only translations into these. Default: all languages.\"\n    languages: [String!]\n  ): [Message!]!\n\n  \"\"\"\n  The members of a chat: the last state that was sent to them.\n  \"\"\"\n  presence(chatId: ID!, \"The maximum number of members, from 1 to 1,000.\" first: Int! = 100): Presence!\n}\n\ntype Mutation {\n  \"\"\"\n  Posts a message to a chat. Its translations reach the subscribers of `chat` and `messages`.\n  \"\"\"\n  putEvent(\"1 to 10,000 bytes of UTF-8.\" message: String!, \"1 to 256 bytes of UTF-8.\" chatId: String!): Result\n\n  \"\"\"\n  Posts a message to a chat. Returns the id by which its translations are recognised.\n  \"\"\"\n  sendMessage(\n    \"1 to 256 bytes of UTF-8.\"\n    chatId: ID!\n    \"1 to 10,000 bytes of UTF-8.\"\n    text: String!\n    \"The author's name, as shown to readers: at most 256 bytes of UTF-8.\"\n    author: String\n  ): SentMessage!\n\n  \"\"\"\n  Sends a message to a user. Its translations reach the user's `inbox`. Requires a token.\n  \"\"\"\n  sendDirectMessage(\n    \"The `sub` of the user's tokens: 1 to 256 bytes of UTF-8.\"\n    to: ID!\n    \"1 to 10,000 bytes of UTF-8.\"\n    text: String!\n  ): SentMessage!\n\n  \"\"\"\n  Reports to a chat that a person is writing. Nothing is stored: repeat it every few seconds.\n  \"\"\"\n  setTyping(\n    chatId: ID!\n    \"Identifies the writer among those with the same name: 1 to 64 bytes of UTF-8.\"\n    by: ID!\n    \"The writer's name, as shown to readers: at most 128 bytes of UTF-8.\"\n    name: String\n  ): Boolean\n}\n\ntype Subscription {\n  \"\"\"\n  The text of each translation of each message of a chat. If a translation failed, the original text.\n  \"\"\"\n  chat(chatId: String!): String\n\n  \"\"\"\n  Each translation of each message of a chat.\n  \"\"\"\n  messages(\n    chatId: ID!\n    \"Language codes, such as `fr`: only translations into these. Default: all languages.\"\n    languages: [String!]\n    \"The `sequence` of the last translation that the client has. Later ones are sent first, in order. Default: only new ones.\"\n    after: Int\n  ): Message!\n\n  \"\"\"\n  Each translation of each message to the user of the token.\n  \"\"\"\n  inbox: Message!\n\n  \"\"\"\n  The client is a member of the chat until the subscription ends. It receives the present state at once, and then each\n  change, within about two seconds.\n  \"\"\"\n  presence(\n    chatId: ID!\n    \"The member's name, as shown to the others: at most 128 bytes of UTF-8.\"\n    name: String\n  ): Presence!\n\n  \"\"\"\n  Each report of `setTyping` in a chat.\n  \"\"\"\n  typing(chatId: ID!): Typing!\n}\n\n\"\"\"\nThe state of a chat: who is in it.\n\"\"\"\ntype Presence {\n  \"When it was read, in ISO 8601, UTC. The state with the latest time is the truth.\"\n  at: String!\n  \"The number of members.\"\n  count: Int!\n  \"The members, in no order. Null in a subscription if there are more than 100.\"\n  members: [Member!]\n  \"The ids of members that were not in the previous state. Empty if one of the two states lists no members.\"\n  joined: [ID!]!\n  \"The ids of members that were in the previous state and are not in this one. Empty in the same case.\"\n  left: [ID!]!\n}\n\n\"\"\"\nA member of a chat: a user with all its connections if there is a token, otherwise a client.\n\"\"\"\ntype Member {\n  \"Constant for as long as the member is in the chat.\"\n  id: ID!\n  \"Null if the member gave no name.\"\n  name: String\n}\n\n\"\"\"\nA report that a person is writing.\n\"\"\"\ntype Typing {\n  by: ID!\n  name: String\n}\n\n\"\"\"\nThe result of one `putEvent`.\n\"\"\"\ntype Result {\n  \"One entry for each event.\"\n  Entries: [Entry]\n  \"The number of events that were not accepted.\"\n  FailedEntries: Int\n}\n\n\"\"\"\nThe result for one event.\n\"\"\"\ntype Entry {\n  \"The event's id, if it was accepted. The same as `Message.requestId`.\"\n  EventId: String\n  \"Why it was not accepted.\"\n  ErrorMessage: String\n  \"Why it was not accepted, for programs.\"\n  ErrorCode: String\n}\n\n\"\"\"\nA message that was accepted and is on its way to the translators.\n\"\"\"\ntype SentMessage {\n  \"The same as `Message.requestId` of each of its translations.\"\n  id: ID!\n  \"The chat that it was sent to; empty if it was sent to a user.\"\n  chatId: ID!\n  \"When it was accepted, in ISO 8601, UTC.\"\n  sentAt: String!\n}\n\n\"\"\"\nOne translation of one message.\n\"\"\"\ntype Message {\n  \"The same each time this translation is delivered.\"\n  id: ID!\n  \"\"\"\n  Its number among the translations of its chat, or of its user's inbox: 1, 2, 3 and so on. If a number is missing, the\n  subscription did not select that translation, or it has not arrived yet.\n  \"\"\"\n  sequence: Int!\n  \"The chat that it was sent to; empty if it was sent to a user.\"\n  chatId: ID!\n  \"The user that it was sent to; null if it was sent to a chat.\"\n  to: ID\n  \"The `SentMessage.id` of the translated message.\"\n  requestId: ID!\n  \"The translated text. If the translation failed, the original text.\"\n  text: String!\n  \"The language of `text`, as a code of Amazon Translate.\"\n  language: String!\n  \"The original text.\"\n  sourceText: String!\n  \"The detected language of `sourceText`, as a code of Amazon Translate; `auto` if it is unknown.\"\n  sourceLanguage: String!\n  \"The author, if given. For a message to a user, the `sub` of the sender's token.\"\n  author: String\n  \"Why the translation failed; null if it did not.\"\n  error: String\n  \"When the message was accepted, in ISO 8601, UTC.\"\n  sentAt: String!\n}\n"

import type { GraphQLResolveInfo } from 'graphql';
import type { ChatMessage } from './message';
import type { GraphqlContext } from './context';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
};

/** A chat whose messages come back translated. */
export type Query = {
  readonly __typename?: 'Query';
  /** A greeting: shows that the API answers. */
  readonly getEvent?: Maybe<Scalars['String']['output']>;
  /**
   * The translations of a chat's messages in the order of their numbers. They are kept for a day, unless the stage configures
   * another time.
   */
  readonly messages: ReadonlyArray<Message>;
  /** The members of a chat: the last state that was sent to them. */
  readonly presence: Presence;
};


/** A chat whose messages come back translated. */
export type QueryMessagesArgs = {
  chatId: Scalars['ID']['input'];
  after?: InputMaybe<Scalars['Int']['input']>;
  first?: Scalars['Int']['input'];
  languages?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};


/** A chat whose messages come back translated. */
export type QueryPresenceArgs = {
  chatId: Scalars['ID']['input'];
  first?: Scalars['Int']['input'];
};

export type Mutation = {
  readonly __typename?: 'Mutation';
  /** Posts a message to a chat. Its translations reach the subscribers of `chat` and `messages`. */
  readonly putEvent?: Maybe<Result>;
  /** Posts a message to a chat. Returns the id by which its translations are recognised. */
  readonly sendMessage: SentMessage;
  /** Sends a message to a user. Its translations reach the user's `inbox`. Requires a token. */
  readonly sendDirectMessage: SentMessage;
  /** Reports to a chat that a person is writing. Nothing is stored: repeat it every few seconds. */
  readonly setTyping?: Maybe<Scalars['Boolean']['output']>;
};


export type MutationPutEventArgs = {
  message: Scalars['String']['input'];
  chatId: Scalars['String']['input'];
};


export type MutationSendMessageArgs = {
  chatId: Scalars['ID']['input'];
  text: Scalars['String']['input'];
  author?: InputMaybe<Scalars['String']['input']>;
};


export type MutationSendDirectMessageArgs = {
  to: Scalars['ID']['input'];
  text: Scalars['String']['input'];
};


export type MutationSetTypingArgs = {
  chatId: Scalars['ID']['input'];
  by: Scalars['ID']['input'];
  name?: InputMaybe<Scalars['String']['input']>;
};

export type Subscription = {
  readonly __typename?: 'Subscription';
  /** The text of each translation of each message of a chat. If a translation failed, the original text. */
  readonly chat?: Maybe<Scalars['String']['output']>;
  /** Each translation of each message of a chat. */
  readonly messages: Message;
  /** Each translation of each message to the user of the token. */
  readonly inbox: Message;
  /**
   * The client is a member of the chat until the subscription ends. It receives the present state at once, and then each
   * change, within about two seconds.
   */
  readonly presence: Presence;
  /** Each report of `setTyping` in a chat. */
  readonly typing: Typing;
};


export type SubscriptionChatArgs = {
  chatId: Scalars['String']['input'];
};


export type SubscriptionMessagesArgs = {
  chatId: Scalars['ID']['input'];
  languages?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  after?: InputMaybe<Scalars['Int']['input']>;
};


export type SubscriptionPresenceArgs = {
  chatId: Scalars['ID']['input'];
  name?: InputMaybe<Scalars['String']['input']>;
};


export type SubscriptionTypingArgs = {
  chatId: Scalars['ID']['input'];
};

/** The state of a chat: who is in it. */
export type Presence = {
  readonly __typename?: 'Presence';
  /** When it was read, in ISO 8601, UTC. The state with the latest time is the truth. */
  readonly at: Scalars['String']['output'];
  /** The number of members. */
  readonly count: Scalars['Int']['output'];
  /** The members, in no order. Null in a subscription if there are more than 100. */
  readonly members?: Maybe<ReadonlyArray<Member>>;
  /** The ids of members that were not in the previous state. Empty if one of the two states lists no members. */
  readonly joined: ReadonlyArray<Scalars['ID']['output']>;
  /** The ids of members that were in the previous state and are not in this one. Empty in the same case. */
  readonly left: ReadonlyArray<Scalars['ID']['output']>;
};

/** A member of a chat: a user with all its connections if there is a token, otherwise a client. */
export type Member = {
  readonly __typename?: 'Member';
  /** Constant for as long as the member is in the chat. */
  readonly id: Scalars['ID']['output'];
  /** Null if the member gave no name. */
  readonly name?: Maybe<Scalars['String']['output']>;
};

/** A report that a person is writing. */
export type Typing = {
  readonly __typename?: 'Typing';
  readonly by: Scalars['ID']['output'];
  readonly name?: Maybe<Scalars['String']['output']>;
};

/** The result of one `putEvent`. */
export type Result = {
  readonly __typename?: 'Result';
  /** One entry for each event. */
  readonly Entries?: Maybe<ReadonlyArray<Maybe<Entry>>>;
  /** The number of events that were not accepted. */
  readonly FailedEntries?: Maybe<Scalars['Int']['output']>;
};

/** The result for one event. */
export type Entry = {
  readonly __typename?: 'Entry';
  /** The event's id, if it was accepted. The same as `Message.requestId`. */
  readonly EventId?: Maybe<Scalars['String']['output']>;
  /** Why it was not accepted. */
  readonly ErrorMessage?: Maybe<Scalars['String']['output']>;
  /** Why it was not accepted, for programs. */
  readonly ErrorCode?: Maybe<Scalars['String']['output']>;
};

/** A message that was accepted and is on its way to the translators. */
export type SentMessage = {
  readonly __typename?: 'SentMessage';
  /** The same as `Message.requestId` of each of its translations. */
  readonly id: Scalars['ID']['output'];
  /** The chat that it was sent to; empty if it was sent to a user. */
  readonly chatId: Scalars['ID']['output'];
  /** When it was accepted, in ISO 8601, UTC. */
  readonly sentAt: Scalars['String']['output'];
};

/** One translation of one message. */
export type Message = {
  readonly __typename?: 'Message';
  /** The same each time this translation is delivered. */
  readonly id: Scalars['ID']['output'];
  /**
   * Its number among the translations of its chat, or of its user's inbox: 1, 2, 3 and so on. If a number is missing, the
   * subscription did not select that translation, or it has not arrived yet.
   */
  readonly sequence: Scalars['Int']['output'];
  /** The chat that it was sent to; empty if it was sent to a user. */
  readonly chatId: Scalars['ID']['output'];
  /** The user that it was sent to; null if it was sent to a chat. */
  readonly to?: Maybe<Scalars['ID']['output']>;
  /** The `SentMessage.id` of the translated message. */
  readonly requestId: Scalars['ID']['output'];
  /** The translated text. If the translation failed, the original text. */
  readonly text: Scalars['String']['output'];
  /** The language of `text`, as a code of Amazon Translate. */
  readonly language: Scalars['String']['output'];
  /** The original text. */
  readonly sourceText: Scalars['String']['output'];
  /** The detected language of `sourceText`, as a code of Amazon Translate; `auto` if it is unknown. */
  readonly sourceLanguage: Scalars['String']['output'];
  /** The author, if given. For a message to a user, the `sub` of the sender's token. */
  readonly author?: Maybe<Scalars['String']['output']>;
  /** Why the translation failed; null if it did not. */
  readonly error?: Maybe<Scalars['String']['output']>;
  /** When the message was accepted, in ISO 8601, UTC. */
  readonly sentAt: Scalars['String']['output'];
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;





/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Query: ResolverTypeWrapper<unknown>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Mutation: ResolverTypeWrapper<unknown>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Subscription: ResolverTypeWrapper<unknown>;
  Presence: ResolverTypeWrapper<Presence>;
  Member: ResolverTypeWrapper<Member>;
  Typing: ResolverTypeWrapper<Typing>;
  Result: ResolverTypeWrapper<Result>;
  Entry: ResolverTypeWrapper<Entry>;
  SentMessage: ResolverTypeWrapper<SentMessage>;
  Message: ResolverTypeWrapper<ChatMessage>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Query: unknown;
  String: Scalars['String']['output'];
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  Mutation: unknown;
  Boolean: Scalars['Boolean']['output'];
  Subscription: unknown;
  Presence: Presence;
  Member: Member;
  Typing: Typing;
  Result: Result;
  Entry: Entry;
  SentMessage: SentMessage;
  Message: ChatMessage;
};

export type QueryResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  getEvent?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  messages?: Resolver<ReadonlyArray<ResolversTypes['Message']>, ParentType, ContextType, RequireFields<QueryMessagesArgs, 'chatId' | 'first'>>;
  presence?: Resolver<ResolversTypes['Presence'], ParentType, ContextType, RequireFields<QueryPresenceArgs, 'chatId' | 'first'>>;
};

export type MutationResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  putEvent?: Resolver<Maybe<ResolversTypes['Result']>, ParentType, ContextType, RequireFields<MutationPutEventArgs, 'message' | 'chatId'>>;
  sendMessage?: Resolver<ResolversTypes['SentMessage'], ParentType, ContextType, RequireFields<MutationSendMessageArgs, 'chatId' | 'text'>>;
  sendDirectMessage?: Resolver<ResolversTypes['SentMessage'], ParentType, ContextType, RequireFields<MutationSendDirectMessageArgs, 'to' | 'text'>>;
  setTyping?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType, RequireFields<MutationSetTypingArgs, 'chatId' | 'by'>>;
};

export type SubscriptionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  chat?: SubscriptionResolver<Maybe<ResolversTypes['String']>, "chat", ParentType, ContextType, RequireFields<SubscriptionChatArgs, 'chatId'>>;
  messages?: SubscriptionResolver<ResolversTypes['Message'], "messages", ParentType, ContextType, RequireFields<SubscriptionMessagesArgs, 'chatId'>>;
  inbox?: SubscriptionResolver<ResolversTypes['Message'], "inbox", ParentType, ContextType>;
  presence?: SubscriptionResolver<ResolversTypes['Presence'], "presence", ParentType, ContextType, RequireFields<SubscriptionPresenceArgs, 'chatId'>>;
  typing?: SubscriptionResolver<ResolversTypes['Typing'], "typing", ParentType, ContextType, RequireFields<SubscriptionTypingArgs, 'chatId'>>;
};

export type PresenceResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Presence'] = ResolversParentTypes['Presence']> = {
  at?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  members?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Member']>>, ParentType, ContextType>;
  joined?: Resolver<ReadonlyArray<ResolversTypes['ID']>, ParentType, ContextType>;
  left?: Resolver<ReadonlyArray<ResolversTypes['ID']>, ParentType, ContextType>;
};

export type MemberResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Member'] = ResolversParentTypes['Member']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type TypingResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Typing'] = ResolversParentTypes['Typing']> = {
  by?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ResultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Result'] = ResolversParentTypes['Result']> = {
  Entries?: Resolver<Maybe<ReadonlyArray<Maybe<ResolversTypes['Entry']>>>, ParentType, ContextType>;
  FailedEntries?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type EntryResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Entry'] = ResolversParentTypes['Entry']> = {
  EventId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  ErrorMessage?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  ErrorCode?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type SentMessageResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['SentMessage'] = ResolversParentTypes['SentMessage']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  chatId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  sentAt?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type MessageResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Message'] = ResolversParentTypes['Message']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  sequence?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  chatId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  to?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  requestId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  text?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  language?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  sourceText?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  sourceLanguage?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  author?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  sentAt?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = GraphqlContext> = {
  Query?: QueryResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  Presence?: PresenceResolvers<ContextType>;
  Member?: MemberResolvers<ContextType>;
  Typing?: TypingResolvers<ContextType>;
  Result?: ResultResolvers<ContextType>;
  Entry?: EntryResolvers<ContextType>;
  SentMessage?: SentMessageResolvers<ContextType>;
  Message?: MessageResolvers<ContextType>;
};

