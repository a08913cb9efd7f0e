// A gateway process of its own: data directory of its own, free port, gone with the test.
//
//   const gateway = await Gateway.start({ args: ['--auth', 'builtin'] });
//   await gateway.kill(); await gateway.start_again();   // same port, same data
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { dist_path, gateway_path } from './places.mjs';

const kStartLimitMs = 30_000;
const kStopLimitMs = 10_000;

export class Gateway {
  static async start(options = {}) {
    const gateway = new Gateway(options);
    await gateway.launch(0);
    return gateway;
  }

  // Runs it for its exit: { code, stdout, stderr }.
  static run_to_end(args) {
    return new Promise((resolve, reject) => {
      const child = spawn(gateway_path(), args, { stdio: ['ignore', 'pipe', 'pipe'] });
      const result = { code: null, stdout: '', stderr: '' };
      const limit = setTimeout(() => child.kill('SIGKILL'), kStartLimitMs);
      child.stdout.on('data', (data) => { result.stdout += data; });
      child.stderr.on('data', (data) => { result.stderr += data; });
      child.on('error', reject);
      child.on('close', (code) => {
        clearTimeout(limit);
        resolve({ ...result, code });
      });
    });
  }

  constructor({ args = [], site = dist_path(), speed = 4, kubernetes = '' } = {}) {
    this.args = ['--static', site, ...(kubernetes ? ['--kubernetes', kubernetes] : ['--kube-speed', String(speed)]), ...args];
    this.data_dir = fs.mkdtempSync(path.join(os.tmpdir(), 'binnacle-e2e-'));
    this.output = '';
  }

  launch(port) {
    this.output = '';
    const child = spawn(gateway_path(), [...this.args, '--data-dir', this.data_dir, '--port', String(port)], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    this.exit = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal })));
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`the gateway said nothing for ${kStartLimitMs} ms: ${this.output}`)), kStartLimitMs);
      const listen = (data) => {
        this.output = (this.output + data).slice(-20_000);
        const url = /Binnacle is at (http:\/\/\S+)/.exec(this.output);
        if (!url) return;
        clearTimeout(limit);
        this.url = url[1].replace(/\/$/, '');
        this.port = Number(new URL(this.url).port);
        resolve();
      };
      child.stdout.on('data', listen);
      child.stderr.on('data', listen);
      child.on('error', reject);
      this.exit.then(({ code, signal }) => {
        clearTimeout(limit);
        reject(new Error(`the gateway ended with ${signal || code}: ${this.output}`));
      });
    });
  }

  get running() { return this.child.exitCode === null && this.child.signalCode === null; }

  async end(signal) {
    if (!this.running) return this.exit;
    const hard = setTimeout(() => this.child.kill('SIGKILL'), kStopLimitMs);
    this.child.kill(signal);
    const how = await this.exit;
    clearTimeout(hard);
    return how;
  }
  kill() { return this.end('SIGKILL'); }
  stop() { return this.end('SIGTERM'); }
  start_again() { return this.launch(this.port); }

  async dispose() {
    const was_running = this.running;
    const how = await this.stop();
    fs.rmSync(this.data_dir, { recursive: true, force: true });
    if (was_running && how.code !== 0) throw new Error(`the gateway ended with ${how.signal || how.code}: ${this.output.slice(-3000)}`);
  }
}
