// The package as users get it: packed, installed in an empty project, used from both kinds of
// modules.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { appId, client, instance, root, startWorld } from './world.mjs';

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));
let project;
let packed;

before(async () => {
  project = mkdtempSync(join(tmpdir(), 'wixtokend-project-'));
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', project], {
    cwd: client,
  });
  [packed] = JSON.parse(stdout);
  writeFileSync(join(project, 'package.json'), '{"private":true}');
  const quiet = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await run('npm', ['install', ...quiet, join(project, packed.filename)], { cwd: project });
});

after(() => rmSync(project, { recursive: true, force: true }));

test('the package holds its sources, types, readme and licence, and nothing else', () => {
  const found = packed.files.map(({ path }) => path);
  const sources = readdirSync(join(client, 'lib')).map((name) => `lib/${name}`);
  const others = ['LICENSE', 'README.md', 'index.d.mts', 'index.d.ts', 'index.mjs', 'package.json'];
  assert.deepEqual(found.sort(), [...others, ...sources].sort());
  const licence = readFileSync(join(root, 'LICENSE'), 'utf8');
  assert.equal(readFileSync(join(client, 'LICENSE'), 'utf8'), licence);
});

test("it needs no other package, and has the project's version", () => {
  const said = JSON.parse(readFileSync(join(client, 'package.json'), 'utf8'));
  assert.equal(said.dependencies, undefined);
  assert.deepEqual(
    readdirSync(join(project, 'node_modules')).filter((name) => name[0] !== '.'),
    ['@wixtokend'],
  );
  const [, version] = /VERSION (\d+\.\d+\.\d+)/.exec(
    readFileSync(join(root, 'CMakeLists.txt'), 'utf8'),
  );
  assert.equal(said.version, version);
});

test('installed, it works with import, require, and as a preload', async (t) => {
  const world = await startWorld(t);
  const body = `new Sidecar().token('${instance(1)}').then((token) => console.log(token.slice(0, 8)));`;
  writeFileSync(join(project, 'a.mjs'), `import { Sidecar } from '@wixtokend/client'; ${body}`);
  writeFileSync(
    join(project, 'a.cjs'),
    `const { Sidecar } = require('@wixtokend/client'); ${body}`,
  );
  writeFileSync(
    join(project, 'b.mjs'),
    `
    const answer = await fetch('https://www.wixapis.com/oauth2/token', { method: 'POST',
      body: JSON.stringify({ grant_type: 'client_credentials', client_id: '${appId}', instance_id: '${instance(1)}' }) });
    console.log((await answer.json()).access_token.slice(0, 8));`,
  );
  const options = { cwd: project, env: { ...process.env, WIXTOKEN_SOCKET: world.socketPath } };
  const preload = (option) => [option, '@wixtokend/client/preload', 'b.mjs'];
  const calls = [['a.mjs'], ['a.cjs'], preload('--require')];
  if (process.allowedNodeEnvironmentFlags.has('--import')) calls.push(preload('--import'));
  for (const call of calls) assert.equal((await run('node', call, options)).stdout, 'OauthNG.\n');
  assert.equal(await world.mints(), 1);
});

test("its types fit the SDK's own, for both kinds of modules", async () => {
  cpSync(join(here, 'types'), join(project, 'types'), { recursive: true });
  for (const name of ['@wix', '@types', 'sdk-first-with-fetch', 'typescript']) {
    symlinkSync(join(here, 'node_modules', name), join(project, 'node_modules', name));
  }
  const compiler = join(project, 'node_modules/typescript/bin/tsc');
  await run('node', [compiler, '-p', 'types'], { cwd: project }).catch(({ stdout }) =>
    assert.fail(stdout),
  );
});
