// Several processes that start their work at the same moment.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('worker.mjs', import.meta.url));

export class Workers {
  #processes;

  /** @param plan  See worker.mjs. */
  static async start(count, plan) {
    const workers = new Workers();
    workers.#processes = Array.from({ length: count }, () => new Worker(plan));
    await Promise.all(workers.#processes.map((one) => one.line()));
    return workers;
  }

  go() {
    for (const { child } of this.#processes) child.stdin.write('go\n');
  }

  /** Ends their input, and gives their reports. */
  async reports() {
    for (const { child } of this.#processes) child.stdin.end();
    return Promise.all(this.#processes.map(async (one) => JSON.parse(await one.line())));
  }
}

class Worker {
  #text = '';
  #wake = () => {};
  #ended = false;

  constructor(plan) {
    const stdio = ['pipe', 'pipe', 'inherit'];
    this.child = spawn(process.execPath, [script, JSON.stringify(plan)], { stdio });
    this.child.stdout.on('data', (part) => {
      this.#text += part;
      this.#wake();
    });
    this.child.stdout.on('end', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** The next line that it prints. */
  async line() {
    for (;;) {
      const end = this.#text.indexOf('\n');
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      if (this.#ended) throw new Error('a worker has ended early');
      await new Promise((resolve) => (this.#wake = resolve));
    }
  }
}
