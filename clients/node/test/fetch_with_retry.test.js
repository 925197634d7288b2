'use strict';
// A call that is answered with 401 is made once more, never twice.

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { fetchWithRetry } = require('../lib/index.js');

const url = 'https://www.wixapis.com/some/api';
const ours = (token, more = {}) => ({ ...more, headers: { Authorization: token } });

/** An API that takes one token, and a strategy that knows which. */
function world(good, replacement = async (token) => (token === 'old' ? 'new' : undefined)) {
  const seen = [];
  const reported = [];
  const api = async (input, init) => {
    const request = new Request(input, init);
    const token = request.headers.get('authorization');
    seen.push([token, request.body ? await request.text() : '']);
    return new Response('', { status: token === good ? 200 : 401 });
  };
  const reject = async (token) => (reported.push(token), replacement(token));
  return { seen, reported, call: fetchWithRetry({ reject }, api) };
}

test('a refused token is reported, and the call made again with the newer one', async () => {
  const { seen, reported, call } = world('new');
  const answer = await call(url, ours('old', { method: 'POST', body: '{"a":1}' }));
  assert.equal(answer.status, 200);
  assert.deepEqual(seen, [
    ['old', '{"a":1}'],
    ['new', '{"a":1}'],
  ]);
  assert.deepEqual(reported, ['old']);
});

test('never more than once', async () => {
  const { seen, reported, call } = world('another one');
  assert.equal((await call(url, ours('old'))).status, 401);
  assert.deepEqual([seen.length, reported.length], [2, 1]);
});

test('a good answer, and an error that is none of the token, are left alone', async () => {
  const { reported, call } = world('old');
  assert.equal((await call(url, ours('old'))).status, 200);
  const forbidden = fetchWithRetry(
    { reject: assert.fail },
    async () => new Response('', { status: 403 }),
  );
  assert.equal((await forbidden(url, ours('old'))).status, 403);
  assert.deepEqual(reported, []);
});

test('"Bearer" stays where it was', async () => {
  const { seen, reported, call } = world('Bearer new');
  assert.equal((await call(url, ours('Bearer old'))).status, 200);
  assert.deepEqual([seen[1][0], reported[0]], ['Bearer new', 'old']);
});

test('headers may come in all shapes, and as a Request', async () => {
  for (const headers of [new Headers({ authorization: 'old' }), [['AUTHORIZATION', 'old']]]) {
    const { call } = world('new');
    assert.equal((await call(new URL(url), { headers })).status, 200);
  }
  const { call } = world('new');
  assert.equal((await call(new Request(url, ours('old')))).status, 200);
});

test("somebody else's token, and none, are not retried", async () => {
  const { seen, call } = world('new');
  assert.equal((await call(url, ours('foreign'))).status, 401);
  assert.equal((await call(url)).status, 401);
  assert.equal(seen.length, 2);
});

test("without a newer token the answer is the API's own", async () => {
  const heldOff = async () => {
    throw new Error('held off');
  };
  const { seen, call } = world('new', heldOff);
  assert.equal((await call(url, ours('old'))).status, 401);
  assert.equal(seen.length, 1);
});

test('every body that can be sent twice is', async () => {
  const form = new FormData();
  form.set('a', 'b');
  const bodies = [
    'text',
    new URLSearchParams('a=b'),
    Buffer.from('bytes'),
    new Blob(['blob']),
    form,
  ];
  for (const body of [...bodies, new Uint8Array([65]).buffer]) {
    const { seen, call } = world('new');
    assert.equal((await call(url, ours('old', { method: 'POST', body }))).status, 200);
    assert.ok(seen[1][1].length > 0);
  }
});

test('a body that cannot be sent twice is not, but the token is reported', async () => {
  const stream = new Blob(['stream']).stream();
  const streamed = world('new');
  const init = ours('old', { method: 'POST', body: stream, duplex: 'half' });
  assert.equal((await streamed.call(url, init)).status, 401);
  assert.deepEqual([streamed.seen.length, streamed.reported], [1, ['old']]);

  const asRequest = world('new');
  const request = new Request(url, ours('old', { method: 'POST', body: 'text' }));
  assert.equal((await asRequest.call(request)).status, 401);
  assert.deepEqual([asRequest.seen.length, asRequest.reported], [1, ['old']]);
});
