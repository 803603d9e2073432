/** How calls travel: one `fetch` each, and what comes of it. */
import { type RouteName } from './generated/routes.js';
/** The bytes of an archive: ZIP, tar, tar.gz or tar.zst. In Node, `await openAsBlob('site.zip')` reads a file as it is sent. */
export type Archive = Blob | ArrayBuffer | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;
export interface CallOptions {
    headers?: Record<string, string>;
    /** The ETag that a change is made for: the problem is `precondition_failed` when it is no longer the current one. */
    ifMatch?: string | null | undefined;
    /** Sent again within 24 hours, the same key answers the same and does nothing again. */
    idempotencyKey?: string | undefined;
    signal?: AbortSignal | undefined;
}
export interface Reply<Answer> {
    value: Answer;
    status: number;
    /** For `ifMatch`. */
    etag: string | null;
    location: string | null;
}
export interface ClientOptions {
    /** Such as `https://fairlead.example.com`. A page of Fairlead itself may leave it out. */
    server?: string | undefined;
    /** An API key or an access token; without it the browser's cookie speaks. A function is asked before each call. */
    key?: string | (() => string | Promise<string>) | undefined;
    /** Instead of the global one. */
    fetch?: (url: string, init: RequestInit) => Promise<Response>;
}
/** A call of whatever operation. */
export interface LooseCall extends CallOptions {
    params?: Record<string, string>;
    query?: Record<string, unknown>;
    json?: unknown;
    archive?: Archive;
}
export declare class Transport {
    private readonly options;
    constructor(options: ClientOptions);
    /** Throws `FairleadProblem`, and what `fetch` throws when there is no answer. */
    call(name: RouteName, call: LooseCall): Promise<Reply<unknown>>;
    /** Sends it, and throws when the answer is a problem. */
    send(name: RouteName, call: LooseCall, accept: string): Promise<Response>;
    private headers;
}
