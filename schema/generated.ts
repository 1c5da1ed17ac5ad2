// Written by "npm run generate" from schema.graphql.

export const typeDefs = "\"\"\"\nA chat whose messages come back translated.\n\"\"\"\ntype Query {\n  \"\"\"\n  A greeting: shows that the API answers.\n  \"\"\"\n  getEvent: String\n\n  \"\"\"\n  The translations of a chat's messages in the order of their numbers, as far as they are kept: a day, unless the stage says\n  otherwise.\n  \"\"\"\n  messages(\n    chatId: ID!\n    \"Only those with a higher `sequence`. All that are kept if left out.\"\n    after: Int\n    \"How many at most, from 1 to 500. An answer has at most 128 KB.\"\n    first: Int! = 100\n    \"Language codes, such as `fr`: only translations into these. All languages if left out.\"\n    languages: [String!]\n  ): [Message!]!\n\n  \"\"\"\n  Who is in a chat: what everyone there was sent last.\n  \"\"\"\n  presence(chatId: ID!, \"How many members at most, from 1 to 1,000.\" first: Int! = 100): Presence!\n}\n\ntype Mutation {\n  \"\"\"\n  Posts a message to a chat. Its translations reach the subscribers of `chat` and `messages`.\n  \"\"\"\n  putEvent(\"1 to 10,000 bytes of UTF-8.\" message: String!, \"1 to 256 bytes of UTF-8.\" chatId: String!): Result\n\n  \"\"\"\n  Posts a message to a chat, and tells what it takes to recognise its translations when they come.\n  \"\"\"\n  sendMessage(\n    \"1 to 256 bytes of UTF-8.\"\n    chatId: ID!\n    \"1 to 10,000 bytes of UTF-8.\"\n    text: String!\n    \"Who wrote it, as readers shall see it: at most 256 bytes of UTF-8.\"\n    author: String\n  ): SentMessage!\n\n  \"\"\"\n  Sends a message to a user, whose `inbox` its translations reach. Needs a token.\n  \"\"\"\n  sendDirectMessage(\n    \"The `sub` of the user's tokens: 1 to 256 bytes of UTF-8.\"\n    to: ID!\n    \"1 to 10,000 bytes of UTF-8.\"\n    text: String!\n  ): SentMessage!\n\n  \"\"\"\n  Tells a chat that somebody is writing. Nothing is stored: repeat it every few seconds.\n  \"\"\"\n  setTyping(\n    chatId: ID!\n    \"Who is writing, to tell apart those with one name: 1 to 64 bytes of UTF-8.\"\n    by: ID!\n    \"The name, as readers shall see it: at most 128 bytes of UTF-8.\"\n    name: String\n  ): Boolean\n}\n\ntype Subscription {\n  \"\"\"\n  The text of each translation of each message of a chat. Where a translation failed, the text as it was sent.\n  \"\"\"\n  chat(chatId: String!): String\n\n  \"\"\"\n  Each translation of each message of a chat.\n  \"\"\"\n  messages(\n    chatId: ID!\n    \"Language codes, such as `fr`: only translations into these. All languages if left out.\"\n    languages: [String!]\n    \"The `sequence` up to which the client has all: what came after it is sent first, in its order. From now on if left out.\"\n    after: Int\n  ): Message!\n\n  \"\"\"\n  Each translation of each message to the user whose token this is.\n  \"\"\"\n  inbox: Message!\n\n  \"\"\"\n  Makes the client a member of a chat for as long as the subscription lasts, and tells who else is there: at once, and two seconds after\n  somebody has come or gone.\n  \"\"\"\n  presence(chatId: ID!, \"As others shall see it: at most 128 bytes of UTF-8.\" name: String): Presence!\n\n  \"\"\"\n  Who is writing in a chat: each time that somebody says so.\n  \"\"\"\n  typing(chatId: ID!): Typing!\n}\n\n\"\"\"\nWho is in a chat.\n\"\"\"\ntype Presence {\n  \"When that was read, in ISO 8601, UTC. Of two states, the later one is the truth.\"\n  at: String!\n  \"How many members there are.\"\n  count: Int!\n  \"The members, in no order. Null in a subscription if there are more than 100.\"\n  members: [Member!]\n  \"The ids of those who were not in the state before. Empty if it or this one has no list of members.\"\n  joined: [ID!]!\n  \"The ids of those who were in the state before, likewise.\"\n  left: [ID!]!\n}\n\n\"\"\"\nA member of a chat: a user, if its token says who that is, with all its connections; else a client.\n\"\"\"\ntype Member {\n  \"The same for as long as the member is there.\"\n  id: ID!\n  \"What it calls itself, if it does.\"\n  name: String\n}\n\n\"\"\"\nSomebody is writing.\n\"\"\"\ntype Typing {\n  by: ID!\n  name: String\n}\n\n\"\"\"\nWhat became of the events of one `putEvent`.\n\"\"\"\ntype Result {\n  \"One entry for each event.\"\n  Entries: [Entry]\n  \"How many of them were not accepted.\"\n  FailedEntries: Int\n}\n\n\"\"\"\nWhat became of one event.\n\"\"\"\ntype Entry {\n  \"The event's id, if it was accepted. The same as `Message.requestId`.\"\n  EventId: String\n  \"Why it was not accepted.\"\n  ErrorMessage: String\n  \"Why it was not accepted, for programs.\"\n  ErrorCode: String\n}\n\n\"\"\"\nA message that was accepted and is on its way to the translators.\n\"\"\"\ntype SentMessage {\n  \"The same as `Message.requestId` of each of its translations.\"\n  id: ID!\n  \"The chat it was sent to; empty if it was sent to a user.\"\n  chatId: ID!\n  \"When it was accepted, in ISO 8601, UTC.\"\n  sentAt: String!\n}\n\n\"\"\"\nOne translation of one message.\n\"\"\"\ntype Message {\n  \"The same whenever and however often this translation is delivered.\"\n  id: ID!\n  \"\"\"\n  Its number among the translations of its chat, or of those to its user: 1, 2, 3 and so on. Where a number is missing, the\n  subscription did not ask for that translation, or it is still to come.\n  \"\"\"\n  sequence: Int!\n  \"The chat it was sent to; empty if it was sent to a user.\"\n  chatId: ID!\n  \"The user it was sent to, if it was not sent to a chat.\"\n  to: ID\n  \"The `SentMessage.id` of the message that this is a translation of.\"\n  requestId: ID!\n  \"The translated text. If there is none, the text as it was sent.\"\n  text: String!\n  \"The language of `text`, as a code of Amazon Translate.\"\n  language: String!\n  \"The text as it was sent.\"\n  sourceText: String!\n  \"The language that `sourceText` was found to be in, as a code of Amazon Translate; `auto` if that was not found out.\"\n  sourceLanguage: String!\n  \"Who wrote it, if they said so. Of a message to a user, the `sub` of the sender's token.\"\n  author: String\n  \"Why there is no translation, if there is none.\"\n  error: String\n  \"When the message was accepted, in ISO 8601, UTC.\"\n  sentAt: String!\n}\n"

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
   * The translations of a chat's messages in the order of their numbers, as far as they are kept: a day, unless the stage says
   * otherwise.
   */
  readonly messages: ReadonlyArray<Message>;
  /** Who is in a chat: what everyone there was sent last. */
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
  /** Posts a message to a chat, and tells what it takes to recognise its translations when they come. */
  readonly sendMessage: SentMessage;
  /** Sends a message to a user, whose `inbox` its translations reach. Needs a token. */
  readonly sendDirectMessage: SentMessage;
  /** Tells a chat that somebody is writing. Nothing is stored: repeat it every few seconds. */
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
  /** The text of each translation of each message of a chat. Where a translation failed, the text as it was sent. */
  readonly chat?: Maybe<Scalars['String']['output']>;
  /** Each translation of each message of a chat. */
  readonly messages: Message;
  /** Each translation of each message to the user whose token this is. */
  readonly inbox: Message;
  /**
   * Makes the client a member of a chat for as long as the subscription lasts, and tells who else is there: at once, and two seconds after
   * somebody has come or gone.
   */
  readonly presence: Presence;
  /** Who is writing in a chat: each time that somebody says so. */
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

/** Who is in a chat. */
export type Presence = {
  readonly __typename?: 'Presence';
  /** When that was read, in ISO 8601, UTC. Of two states, the later one is the truth. */
  readonly at: Scalars['String']['output'];
  /** How many members there are. */
  readonly count: Scalars['Int']['output'];
  /** The members, in no order. Null in a subscription if there are more than 100. */
  readonly members?: Maybe<ReadonlyArray<Member>>;
  /** The ids of those who were not in the state before. Empty if it or this one has no list of members. */
  readonly joined: ReadonlyArray<Scalars['ID']['output']>;
  /** The ids of those who were in the state before, likewise. */
  readonly left: ReadonlyArray<Scalars['ID']['output']>;
};

/** A member of a chat: a user, if its token says who that is, with all its connections; else a client. */
export type Member = {
  readonly __typename?: 'Member';
  /** The same for as long as the member is there. */
  readonly id: Scalars['ID']['output'];
  /** What it calls itself, if it does. */
  readonly name?: Maybe<Scalars['String']['output']>;
};

/** Somebody is writing. */
export type Typing = {
  readonly __typename?: 'Typing';
  readonly by: Scalars['ID']['output'];
  readonly name?: Maybe<Scalars['String']['output']>;
};

/** What became of the events of one `putEvent`. */
export type Result = {
  readonly __typename?: 'Result';
  /** One entry for each event. */
  readonly Entries?: Maybe<ReadonlyArray<Maybe<Entry>>>;
  /** How many of them were not accepted. */
  readonly FailedEntries?: Maybe<Scalars['Int']['output']>;
};

/** What became of one event. */
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
  /** The chat it was sent to; empty if it was sent to a user. */
  readonly chatId: Scalars['ID']['output'];
  /** When it was accepted, in ISO 8601, UTC. */
  readonly sentAt: Scalars['String']['output'];
};

/** One translation of one message. */
export type Message = {
  readonly __typename?: 'Message';
  /** The same whenever and however often this translation is delivered. */
  readonly id: Scalars['ID']['output'];
  /**
   * Its number among the translations of its chat, or of those to its user: 1, 2, 3 and so on. Where a number is missing, the
   * subscription did not ask for that translation, or it is still to come.
   */
  readonly sequence: Scalars['Int']['output'];
  /** The chat it was sent to; empty if it was sent to a user. */
  readonly chatId: Scalars['ID']['output'];
  /** The user it was sent to, if it was not sent to a chat. */
  readonly to?: Maybe<Scalars['ID']['output']>;
  /** The `SentMessage.id` of the message that this is a translation of. */
  readonly requestId: Scalars['ID']['output'];
  /** The translated text. If there is none, the text as it was sent. */
  readonly text: Scalars['String']['output'];
  /** The language of `text`, as a code of Amazon Translate. */
  readonly language: Scalars['String']['output'];
  /** The text as it was sent. */
  readonly sourceText: Scalars['String']['output'];
  /** The language that `sourceText` was found to be in, as a code of Amazon Translate; `auto` if that was not found out. */
  readonly sourceLanguage: Scalars['String']['output'];
  /** Who wrote it, if they said so. Of a message to a user, the `sub` of the sender's token. */
  readonly author?: Maybe<Scalars['String']['output']>;
  /** Why there is no translation, if there is none. */
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

