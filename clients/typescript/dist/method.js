/** An operation as something to call. */
import { serverSentEvents } from './events.js';
import { FairleadProblem } from './problem.js';
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;
/** Every operation has every way to be called; its type says which of them it has. */
export function methodOf(transport, name) {
    const reply = (call = {}) => transport.call(name, call);
    return Object.assign(async (call = {}) => (await reply(call)).value, {
        reply,
        async *all(call = {}) {
            let cursor;
            while (cursor !== null) {
                const query = { ...call.query, ...(cursor !== undefined && { cursor }) };
                const page = (await reply({ ...call, query })).value;
                yield* page.items;
                cursor = page.next;
            }
        },
        stream: (call = {}) => followed(transport, name, call),
    });
}
async function* followed(transport, name, { after, ...call }) {
    let last = after === undefined ? null : String(after);
    let hasBegun = false;
    for (let pauseMs = FIRST_PAUSE_MS;; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
        try {
            const headers = { ...call.headers, ...(last !== null && { 'last-event-id': last }) };
            const response = await transport.send(name, { ...call, headers }, 'text/event-stream');
            hasBegun = true;
            for await (const event of eventsOf(response)) {
                if (event.event === 'end')
                    return;
                last = event.id ?? last;
                pauseMs = FIRST_PAUSE_MS;
                yield JSON.parse(event.data);
            }
        }
        catch (thrown) {
            if (!hasBegun || call.signal?.aborted || !isPassing(thrown))
                throw thrown;
        }
        await pause(pauseMs, call.signal);
    }
}
async function* eventsOf(response) {
    if (response.body)
        yield* serverSentEvents(response.body);
}
/** A connection that broke, or a server that is starting anew: worth another try. */
const isPassing = (thrown) => thrown instanceof FairleadProblem
    ? thrown.status === 429 || thrown.status >= 502
    : thrown instanceof Error && !(thrown instanceof SyntaxError);
const pause = (ms, signal) => new Promise((resolve, reject) => {
    const leave = () => {
        clearTimeout(timer);
        reject(signal?.reason);
    };
    const timer = setTimeout(() => {
        signal?.removeEventListener('abort', leave);
        resolve();
    }, ms);
    signal?.addEventListener('abort', leave, { once: true });
});
