'use strict';
// A fetch for `createClient` of @wix/sdk: a call that is answered with 401 is made once more, with
// the token that takes the place of the refused one.

// Whatever can be sent twice. A stream cannot, and neither can the body of a Request, which is one.
function isReplayable(body) {
  return (
    body === undefined ||
    body === null ||
    typeof body === 'string' ||
    body instanceof URLSearchParams ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body) ||
    body instanceof Blob ||
    body instanceof FormData
  );
}

const bodyOf = (input, init) => init?.body ?? (input instanceof Request ? input.body : undefined);

function headersOf(input, init) {
  return new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
}

/**
 * The newer token, or undefined if there is none: then the API's own answer is the one to return.
 */
async function replacement(auth, refused) {
  try {
    return await auth.reject(refused);
  } catch {
    return undefined;
  }
}

/**
 * @param auth   Of sidecarStrategy.
 * @param fetch  What sends the requests; the global fetch by default.
 */
function fetchWithRetry(auth, fetch) {
  return async function fetchOnceMore(input, init) {
    const send = fetch ?? globalThis.fetch;
    const replayable = isReplayable(bodyOf(input, init));
    const headers = headersOf(input, init); // before sending: the caller may change them later
    const first = await send(input, init);
    if (first.status !== 401) return first;

    const [, scheme = '', refused] = /^(Bearer )?(.*)$/i.exec(headers.get('authorization') ?? '');
    const newer = refused && (await replacement(auth, refused)); // reported even if not replayable
    if (!newer || newer === refused || !replayable) return first;

    first.body?.cancel().catch(() => {});
    headers.set('authorization', scheme + newer);
    return send(input, { ...init, headers });
  };
}

module.exports = { fetchWithRetry };
