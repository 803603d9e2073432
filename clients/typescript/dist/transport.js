/** How calls travel: one `fetch` each, and what comes of it. */
import { ROUTES } from './generated/routes.js';
import { FairleadProblem, problemOf } from './problem.js';
export class Transport {
    options;
    constructor(options) {
        this.options = options;
    }
    /** Throws `FairleadProblem`, and what `fetch` throws when there is no answer. */
    async call(name, call) {
        const response = await this.send(name, call, 'application/json');
        return {
            value: await valueOf(name, response),
            status: response.status,
            etag: response.headers.get('etag'),
            location: response.headers.get('location'),
        };
    }
    /** Sends it, and throws when the answer is a problem. */
    async send(name, call, accept) {
        const { server = '', fetch: given } = this.options;
        const url = `${server.replace(/\/+$/, '')}/api/v1${pathOf(name, call)}`;
        const init = { ...initOf(name, call), headers: await this.headers(call, accept) };
        const response = await (given ? given(url, init) : fetch(url, init));
        if (!response.ok)
            throw new FairleadProblem(await problemOf(response));
        return response;
    }
    async headers(call, accept) {
        const { key } = this.options;
        const token = typeof key === 'function' ? await key() : key;
        return {
            accept,
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
            ...(call.json !== undefined && { 'content-type': 'application/json' }),
            ...(call.archive !== undefined && { 'content-type': 'application/octet-stream' }),
            ...(call.ifMatch != null && { 'if-match': call.ifMatch }),
            ...(call.idempotencyKey !== undefined && { 'idempotency-key': call.idempotencyKey }),
            ...call.headers,
        };
    }
}
function initOf(name, { json, archive, signal }) {
    return {
        method: ROUTES[name].method,
        ...(json !== undefined && { body: JSON.stringify(json) }),
        ...(archive !== undefined && { body: archive }),
        // Required by fetch for a body that is read while it is sent.
        ...(archive instanceof ReadableStream && { duplex: 'half' }),
        ...(signal && { signal }),
    };
}
async function valueOf(name, response) {
    const { answer } = ROUTES[name];
    if (answer === 'bytes')
        return response;
    if (response.status === 204 || answer === 'none')
        return undefined;
    return await response.json();
}
function pathOf(name, { params = {}, query = {} }) {
    const path = ROUTES[name].path.replace(/\{(\w+)\}/g, (_, key) => encodeURIComponent(params[key] ?? ''));
    const fields = new URLSearchParams();
    for (const [key, value] of Object.entries(query))
        if (value !== undefined)
            fields.set(key, String(value));
    const text = fields.toString();
    return text === '' ? path : `${path}?${text}`;
}
