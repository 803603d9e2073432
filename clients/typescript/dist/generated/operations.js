// Made by `npm run client` from the OpenAPI document: change the contract, not this.
export {};
