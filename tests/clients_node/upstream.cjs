'use strict';
// Stands for the way to Wix: what goes to www.wixapis.com over HTTPS arrives at the emulator.
const http = require('node:http');
const https = require('node:https');

const { UPSTREAM } = process.env;
const wix = 'https://www.wixapis.com';

const direct = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const url = input instanceof Request ? input.url : String(input);
  if (!url.startsWith(wix)) throw new Error(`unexpected: ${url}`);
  const there = UPSTREAM + url.slice(wix.length);
  return direct(input instanceof Request ? new Request(there, input) : there, init);
};

https.request = (options, done) => {
  if (options.hostname !== 'www.wixapis.com') throw new Error(`unexpected: ${options.hostname}`);
  const { hostname, port } = new URL(UPSTREAM);
  return http.request({ ...options, protocol: 'http:', hostname, port, agent: undefined }, done);
};
