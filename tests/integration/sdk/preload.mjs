// Sends the token calls of an unmodified application to the daemon's socket, and its API calls to
// the emulator: node --import ./preload.mjs app.mjs
import { readFileSync } from 'node:fs';
import { Agent, fetch as fetchWith } from 'undici';

const { WIXTOKEND_SOCKET, EMULATOR_PORT, EMULATOR_CA } = process.env;
const upstream = 'https://www.wixapis.com';

const daemon = new Agent({ connect: { socketPath: WIXTOKEND_SOCKET } });
const emulator = new Agent({
  connect: { ca: readFileSync(EMULATOR_CA), servername: 'www.wixapis.com' },
});

globalThis.fetch = (address, options = {}) => {
  const url = new URL(address instanceof Request ? address.url : address);
  if (url.origin !== upstream) throw new Error(`unexpected host: ${url.origin}`);
  const path = url.pathname + url.search;
  return path.startsWith('/oauth')
    ? fetchWith(`http://localhost${path}`, { ...options, dispatcher: daemon })
    : fetchWith(`https://127.0.0.1:${EMULATOR_PORT}${path}`, { ...options, dispatcher: emulator });
};
