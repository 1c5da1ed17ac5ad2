export const typeDefs = /* GraphQL */ `
  type Query {
    "An order of one's own, or of the restaurant one works for."
    order(id: ID!): Order
  }

  type Mutation {
    placeOrder(restaurantId: ID!, dishes: [String!]!): Order!
    "For those who work for the restaurant."
    setStatus(orderId: ID!, status: Status!): Order!
  }

  type Subscription {
    "The state of one's own order now, then every change."
    orderStatus(orderId: ID!): Order!
    "Orders of the restaurant one works for, only those that get the status if one is named; what follows the number if one is named."
    restaurantOrders(restaurantId: ID!, status: Status, after: Int): RestaurantOrder!
    "Where the courier is. Positions that were missed do not come again."
    courierPosition(courierId: ID!): Position!
    "Who is on duty in a zone, now and after every change: those who gave their name, for as long as they listen."
    couriersOnDuty(zone: ID!, name: String): OnDuty!
  }

  enum Status {
    PLACED
    COOKING
    READY
    DELIVERED
  }

  type Order {
    id: ID!
    restaurantId: ID!
    dishes: [String!]!
    status: Status!
    "Grows with every change: a client drops what is not newer than what it shows."
    version: Int!
  }

  type RestaurantOrder {
    "The number of this change in the restaurant's log, for the argument after."
    sequence: Int!
    order: Order!
  }

  type Position {
    latitude: Float!
    longitude: Float!
  }

  type OnDuty {
    "States may come in any order: the latest one is the truth."
    at: String!
    count: Int!
    "Null if there are more than 100."
    names: [String!]
  }
`
