'use strict';
// What the environment says, where the program says nothing.

const socketPathDefault = '/run/wixtokend/wixtokend.sock';

function socketPathFrom(environment = process.env) {
  return environment.WIXTOKEN_SOCKET || socketPathDefault;
}

/** "0", "wixtokend", "any", or several with commas between them; undefined if nothing is said. */
function socketOwnerFrom(environment = process.env) {
  const said = environment.WIXTOKEN_SOCKET_OWNER;
  if (!said) return undefined;
  return said.includes(',') ? said.split(',').map((owner) => owner.trim()) : said;
}

/** How long a call may take, in milliseconds. */
function timeoutFrom(environment = process.env) {
  const said = environment.WIXTOKEN_TIMEOUT_MS;
  if (!said) return 10_000;
  const length = Number(said);
  if (length >= 1 && length <= 600_000) return length;
  throw new TypeError(`WIXTOKEN_TIMEOUT_MS is ${JSON.stringify(said)}, but must be 1 to 600000`);
}

module.exports = { socketOwnerFrom, socketPathFrom, timeoutFrom };
