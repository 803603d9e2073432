/** A typed client of Fairlead's HTTP API, without dependencies. */
import type { Fairlead } from './generated/operations.js';
import { type ClientOptions } from './transport.js';
export type * from './generated/operations.js';
export type { RouteName } from './generated/routes.js';
export type * from './generated/types.js';
export type { List, Log, Method, Page, StreamOptions } from './method.js';
export { FairleadProblem, isProblem } from './problem.js';
export type { Archive, CallOptions, ClientOptions, Reply } from './transport.js';
/** The operations of a server, by noun and verb: `fairlead({server, key}).services.list()`. */
export declare function fairlead(options?: ClientOptions): Fairlead;
