// The real daemon and the real emulator as processes, for the tests and the benchmark of the
// client.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const appId = '11111111-2222-4333-8444-555555555555';
export const appSecret = 'fake-app-secret-of-the-node-tests';
export const root = fileURLToPath(new URL('../..', import.meta.url));
export const client = join(root, 'clients/node');

const programs = process.env.WIXTOKEND_PROGRAMS_DIR ?? join(root, 'build/dev/bin');
const patienceMs = 20_000;

/** The instance of number `n`. */
export const instance = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** Until the condition holds; fails when the time is over. */
export async function eventually(condition, what) {
  for (const end = Date.now() + patienceMs; !(await condition()); await sleep(10)) {
    if (Date.now() > end) throw new Error(`it does not come about: ${what}`);
  }
}

const ended = (child) =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', resolve);
  });

export class World {
  folder = mkdtempSync(join(tmpdir(), 'wixtokend-node-'));
  socketPath = join(this.folder, 'wixtokend.sock');
  #options;
  #emulator;
  #daemon;
  #logs = 0;

  /**
   * @param options  `{ expiresIn, instances, settings, secret, store, logLevel }`: more TOML, what
   *                 the daemon takes for the app's secret, whether it has a store.
   */
  static async start(options = {}) {
    const world = new World();
    world.#options = options;
    try {
      await world.#startEmulator();
      await world.startDaemon();
    } catch (error) {
      await world.stop();
      throw error;
    }
    return world;
  }

  #spawn(program, args) {
    const log = openSync(join(this.folder, `log-${++this.#logs}-${program}`), 'w');
    return spawn(join(programs, program), args, { stdio: ['ignore', 'pipe', log] });
  }

  async #startEmulator() {
    const secret = join(this.folder, 'secret');
    writeFileSync(secret, appSecret, { mode: 0o600 });
    const args = ['--https', '127.0.0.1:0', '--http', '127.0.0.1:0'];
    args.push('--ca-out', join(this.folder, 'ca.pem'), '--app', `${appId}:${secret}`);
    args.push('--expires-in', String(this.#options.expiresIn ?? 14_400));
    args.push('--log-level', this.#options.logLevel ?? 'info');
    this.#emulator = this.#spawn('wix-oauth-emulator', args);
    let line = '';
    for await (const part of this.#emulator.stdout) {
      line += part;
      if (line.includes('}')) break;
    }
    if (!line) throw new Error('the emulator did not start');
    const ports = JSON.parse(line);
    this.httpsPort = ports.https_port;
    this.upstream = `http://127.0.0.1:${ports.http_port}`;
  }

  async startDaemon() {
    const {
      instances = [],
      settings = '',
      secret = appSecret,
      store,
      logLevel = 'info',
    } = this.#options;
    writeFileSync(join(this.folder, 'daemon-secret'), secret, { mode: 0o600 });
    const config = join(this.folder, 'wixtokend.toml');
    writeFileSync(
      config,
      `[log]
level = "${logLevel}"

[[app]]
name = "main"
app_id = "${appId}"
app_secret_file = "daemon-secret"
base_url = "https://127.0.0.1:${this.httpsPort}"
ca_file = "ca.pem"
instances = ${JSON.stringify(instances)}

[[socket]]
path = "${this.socketPath}"
mode = "0666"
${settings}${store ? this.#store() : ''}`,
    );
    this.#daemon = this.#spawn('wixtokend', ['run', '--config', config]);
    await eventually(() => this.#isServing(), 'the daemon serves');
  }

  #store() {
    const key = join(this.folder, 'store-key');
    if (!existsSync(key)) {
      execFileSync(join(programs, 'wixtokend'), ['keygen', '--output', key]);
    }
    // The folder of temporary files may be in memory.
    return `
[store]
file = "${join(this.folder, 'state.db')}"
key_file = "store-key"
allow_volatile = true
`;
  }

  async #isServing() {
    if (this.#daemon.exitCode !== null) throw new Error(`the daemon has ended: ${this.logs()}`);
    return new Promise((resolve) => {
      const socket = net.connect(this.socketPath, () => (socket.destroy(), resolve(true)));
      socket.on('error', () => resolve(false));
    });
  }

  async stopDaemon(signal = 'SIGTERM') {
    this.#daemon?.kill(signal);
    if (this.#daemon) await ended(this.#daemon);
  }

  /** One call of the emulator's control API; must succeed. */
  async control(method, path, body) {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const answer = await fetch(`${this.upstream}/__control/${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return text && text.startsWith('{') ? JSON.parse(text) : text;
  }

  /** One call of the daemon's API; must succeed. */
  async call(method, path, body) {
    const answer = await new Promise((resolve, reject) => {
      const request = http.request({ socketPath: this.socketPath, method, path }, resolve);
      request.on('error', reject).end(body && JSON.stringify(body));
    });
    let text = '';
    for await (const part of answer) text += part;
    if (answer.statusCode >= 300) throw new Error(`${path}: ${answer.statusCode} ${text}`);
    return text && JSON.parse(text);
  }

  /** Gives the instance a refresh token of custom authentication, here and at the daemon. */
  async addRefreshToken(instanceId) {
    const { code } = await this.control('POST', 'codes', { instance: instanceId });
    const fields = { grant_type: 'authorization_code', client_id: appId, client_secret: appSecret };
    const body = JSON.stringify({ ...fields, code });
    const answer = await fetch(`${this.upstream}/oauth/access`, { method: 'POST', body });
    const { refresh_token } = await answer.json();
    await this.call('PUT', `/v1/instances/${instanceId}`, {
      grant: 'refresh_token',
      refresh_token,
    });
    return refresh_token;
  }

  /** Mints that the emulator has answered. */
  async mints() {
    return (await this.control('GET', 'counters')).mints;
  }

  /** A fetch that sends the SDK's calls to Wix to the emulator. */
  fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== 'https://www.wixapis.com') throw new Error(`unexpected: ${url.origin}`);
    const there = this.upstream + url.pathname + url.search;
    return globalThis.fetch(input instanceof Request ? new Request(there, input) : there, init);
  };

  logs() {
    const names = Array.from({ length: this.#logs }, (_, n) => n + 1);
    const read = (n) => {
      for (const program of ['wixtokend', 'wix-oauth-emulator']) {
        try {
          return readFileSync(join(this.folder, `log-${n}-${program}`), 'utf8');
        } catch {
          // the other one's
        }
      }
      return '';
    };
    return names.map(read).join('').slice(-4000);
  }

  async stop() {
    await this.stopDaemon();
    this.#emulator?.kill('SIGTERM');
    if (this.#emulator) await ended(this.#emulator);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A world for one test. */
export async function startWorld(t, options) {
  const world = await World.start(options);
  t.after(() => world.stop());
  return world;
}
