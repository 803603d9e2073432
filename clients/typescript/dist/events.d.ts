/** Server-sent events, as far as Fairlead sends them. */
export interface ServerSentEvent {
    event: string;
    /** The number to go on after; null when the event has none. */
    id: string | null;
    data: string;
}
/** The events of a stream, as they come. */
export declare function serverSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent>;
