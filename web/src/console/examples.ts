/** The console's examples: an operation for each field of the schema. */
export const examples = `# Each operation can be run alone: choose it at the button. Subscriptions go on until you stop them.

query Greeting {
  getEvent
}

query MessagesOfToday {
  messages(chatId: "lobby", after: 0, first: 20) {
    sequence
    author
    text
    language
    sourceText
  }
}

query WhoIsHere {
  presence(chatId: "lobby") {
    count
    members {
      name
    }
  }
}

mutation PutEvent {
  putEvent(chatId: "lobby", message: "Good morning") {
    Entries {
      EventId
    }
    FailedEntries
  }
}

mutation SendMessage {
  sendMessage(chatId: "lobby", text: "Good morning", author: "Ann") {
    id
    sentAt
  }
}

# Needs a token.
mutation SendDirectMessage {
  sendDirectMessage(to: "ann", text: "Good morning") {
    id
  }
}

mutation SetTyping {
  setTyping(chatId: "lobby", by: "console", name: "Ann")
}

subscription Chat {
  chat(chatId: "lobby")
}

subscription Messages {
  messages(chatId: "lobby", languages: ["fr", "de"]) {
    sequence
    author
    text
    language
    sourceText
  }
}

# Needs a token.
subscription Inbox {
  inbox {
    author
    text
    language
  }
}

subscription Presence {
  presence(chatId: "lobby", name: "Ann") {
    at
    count
    members {
      id
      name
    }
    joined
    left
  }
}

subscription Typing {
  typing(chatId: "lobby") {
    by
    name
  }
}
`
