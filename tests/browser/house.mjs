// One county for one test file: its own folder, database, keys and port, made by
// the program itself and swept away with it. Nothing is shared between files.
import { spawn, execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const program = resolve(root, process.env.QINGHE_BINARY || "target/debug/qinghe");

export function freePort() {
  return new Promise((found, failed) => {
    const server = createServer();
    server.on("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}

export class House {
  // An empty folder; nothing of the program has run in it yet. Some settings otherwise.
  static async empty(otherwise = {}) {
    if (!existsSync(program)) throw new Error(`${program} is not there: run cargo build, or set QINGHE_BINARY.`);
    const house = new House();
    house.otherwise = otherwise;
    house.folder = await mkdtemp(join(tmpdir(), "qinghe-browser-"));
    house.port = await freePort();
    house.address = `http://127.0.0.1:${house.port}`;
    return house;
  }

  get settings() {
    const own = {};
    for (const name of ["PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH"]) if (process.env[name]) own[name] = process.env[name];
    return {
      ...own,
      QINGHE_DATABASE: `sqlite:${join(this.folder, "qinghe.sqlite")}`,
      QINGHE_FILES: join(this.folder, "files"),
      QINGHE_KEYS: join(this.folder, "keys"),
      QINGHE_LISTEN: `127.0.0.1:${this.port}`,
      QINGHE_PUBLIC_URL: this.address,
      ...this.otherwise,
    };
  }

  // Runs a command to its end: {code, out, err}.
  run(...args) {
    return new Promise((ended) => {
      execFile(program, args, { env: this.settings, cwd: this.folder }, (error, out, err) => {
        ended({ code: error ? error.code : 0, out, err });
      });
    });
  }

  // Starts the server and waits until it says that it is waiting for us.
  async serve(...args) {
    const server = spawn(program, args.length ? args : ["serve"], {
      env: this.settings,
      cwd: this.folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.server = server;
    this.ended = new Promise((ended) => server.once("exit", ended));
    let said = "";
    server.stderr.setEncoding("utf8");
    await new Promise((ready, failed) => {
      server.stderr.on("data", (text) => {
        said += text;
        if (said.includes("等您")) ready();
      });
      server.once("exit", (code) => failed(new Error(`the server ended with ${code}: ${said}`)));
      server.once("error", failed);
    });
    this.said = () => said;
  }

  async stop() {
    if (!this.server) return;
    this.server.kill("SIGTERM");
    await this.ended;
    this.server = null;
  }

  async close() {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
