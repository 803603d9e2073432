/** An operation as something to call. */
import type { RouteName } from './generated/routes.js';
import type { CallOptions, LooseCall, Reply, Transport } from './transport.js';
/** `Call` is what the operation takes; without required parts the argument may be left out. */
type Arguments<Call> = Record<string, never> extends Call ? [call?: Call & CallOptions] : [call: Call & CallOptions];
export interface Method<Call, Answer> {
    /** Throws `FairleadProblem`. */
    (...call: Arguments<Call>): Promise<Answer>;
    /** The same with status, ETag and Location. */
    reply(...call: Arguments<Call>): Promise<Reply<Answer>>;
}
export interface Page<Item> {
    items: Item[];
    /** Cursor of the next page; null at the end. */
    next: string | null;
}
/** A list: called, it answers one page. */
export interface List<Call, Item> extends Method<Call, Page<Item>> {
    /** Every item of every page; each page is fetched when its first item is asked for. */
    all(...call: Arguments<Call>): AsyncGenerator<Item, void>;
}
export interface StreamOptions {
    /** Begin after the item with this number; 0: at the very beginning. */
    after?: number | undefined;
    signal?: AbortSignal | undefined;
}
/** A list that grows, and can be followed. */
export interface Log<Call, Item> extends List<Call, Item> {
    /**
     * Items as they come, until the log has ended (`/events` never does). A connection that breaks is made anew and goes
     * on after the last item; `signal` ends it.
     */
    stream(...call: StreamArguments<Call>): AsyncGenerator<Item, void>;
}
type Followed<Call> = Omit<Call, 'query'> & StreamOptions;
type StreamArguments<Call> = Record<string, never> extends Followed<Call> ? [call?: Followed<Call>] : [call: Followed<Call>];
type LooseMethod = Log<LooseCall, unknown>;
/** Every operation has every way to be called; its type says which of them it has. */
export declare function methodOf(transport: Transport, name: RouteName): LooseMethod;
export {};
