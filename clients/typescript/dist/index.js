// @ts-self-types="./index.d.ts"
import { ROUTES } from './generated/routes.js';
import { methodOf } from './method.js';
import { Transport } from './transport.js';
export { FairleadProblem, isProblem } from './problem.js';
/** The operations of a server, by noun and verb: `fairlead({server, key}).services.list()`. */
export function fairlead(options = {}) {
    const transport = new Transport(options);
    const root = {};
    for (const name of Object.keys(ROUTES)) {
        const words = name.split('.').map(camelCase);
        const verb = words.pop() ?? '';
        let place = root;
        for (const word of words)
            place = (place[word] ??= {});
        place[verb] = Object.assign(methodOf(transport, name), place[verb]);
    }
    return root;
}
const camelCase = (word) => word.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
