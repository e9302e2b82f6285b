// A client of Callboard's /ws/chat in one file of plain JavaScript, without dependencies: for an editor extension (VS Code's
// extension host is Node), or to read before writing one in another language. Node 18 and newer. The protocol: docs/CHAT.md.
//
//   import { Chat, server } from './chat.mjs';
//   const chat = new Chat({ ...server('.callboard'), workflow: 'autoagent' });
//   chat.on('token', ({ path, text }) => …);          every frame by its name, and all of them as 'frame'
//   chat.on('question', ({ interrupt_id }) => chat.answer(interrupt_id, 'yes'));
//   await chat.open();
//   await chat.message('Create a calculator app', { workspace: '/home/me/calc' });
//
// From the command line it prints what it hears, a frame a line, until the run has ended:
//
//   node chat.mjs --home .callboard --workflow autoagent --param workspace=/home/me/calc "Create a calculator app"
//
// It comes back by itself when the connection breaks, and misses nothing: it remembers the position of the last frame
// that had one, and of each turn under way how many bytes of its words were heard. What was said and not answered is said
// again under the same id, which is the same deed.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where the server of a home listens, and its token. */
export function server(home) {
  const { address } = JSON.parse(readFileSync(join(home, 'server.json'), 'utf8'));
  return { url: `http://${address}`, token: readFileSync(join(home, 'token'), 'utf8').trim() };
}

/** A talk with one workflow. Emits every frame by its `op`, and as 'frame'; 'broken' and 'back' around a lost connection. */
export class Chat extends EventEmitter {
  #socket = null;
  #waiting = new Map(); // what was said and not answered, by its id
  #turns = new Map(); // turns under way, by their process
  #position = 0;
  #epoch;
  #isOver = false;

  /** `server`: a function that finds url and token anew: a server that was started again may listen elsewhere. */
  constructor({ url, token, workflow, thread, server, patienceMs = 60_000 }) {
    super();
    Object.assign(this, { workflow, thread, patienceMs, find: server ?? (() => ({ url, token })) });
  }

  /** Opens the thread; resolves with what `opened` says. */
  async open() {
    const socket = await connect(this.find());
    const opened = await new Promise((done, failed) => {
      socket.once('lost', failed);
      socket.once('text', (text) => done(JSON.parse(text)));
      socket.say(JSON.stringify(this.#wish()));
    });
    if (opened.op === 'gone') {
      // The database was restored: what was heard means nothing any more.
      socket.close();
      this.#position = 0;
      this.#epoch = undefined;
      this.#turns.clear();
      return this.open();
    }
    if (opened.op !== 'opened') {
      socket.close();
      throw refusal(opened);
    }
    [this.thread, this.workflow] = [opened.workflow_id, opened.workflow];
    this.#epoch = opened.epoch;
    this.#socket = socket;
    socket.on('text', (text) => this.#hear(JSON.parse(text)));
    socket.removeAllListeners('lost');
    socket.once('lost', (error) => this.#comeBack(error));
    this.#emit(opened);
    for (const { frame } of this.#waiting.values()) socket.say(JSON.stringify(frame));
    return opened;
  }

  /** Begins a run; resolves when that is durable. */
  message(text, params, id = randomUUID()) {
    return this.#say({ op: 'message', id, text, params });
  }

  answer(interrupt_id, value, id = randomUUID()) {
    return this.#say({ op: 'answer', id, interrupt_id, value });
  }

  cancel({ undo = false } = {}) {
    return this.#say({ op: 'cancel', id: randomUUID(), undo });
  }

  pause() {
    return this.#say({ op: 'pause', id: randomUUID() });
  }

  resume() {
    return this.#say({ op: 'resume', id: randomUUID() });
  }

  retry() {
    return this.#say({ op: 'retry', id: randomUUID() });
  }

  /** Leaves; the workflow goes on. */
  close() {
    this.#isOver = true;
    this.#socket?.close();
  }

  #wish() {
    const streams = [...this.#turns].map(([process, turn]) => ({ process, ...turn }));
    const { workflow, thread: workflow_id } = this;
    return { op: 'open', workflow, workflow_id, after: this.#position, epoch: this.#epoch, streams };
  }

  #say(frame) {
    return new Promise((done, failed) => {
      this.#waiting.set(frame.id, { frame, done, failed });
      this.#socket?.say(JSON.stringify(frame));
    });
  }

  #hear(frame) {
    const { op, process } = frame;
    if (frame.position) this.#position = frame.position;
    if (op === 'turn') this.#turns.set(process, { path: frame.path, attempt: 1, offset: 0 });
    if (op === 'cost') this.#turns.delete(process);
    if (op === 'run_ended') this.#turns.clear();
    if (op === 'token' && this.#turns.has(process)) {
      Object.assign(this.#turns.get(process), { attempt: frame.attempt, offset: frame.next_offset });
    }
    this.#emit(frame);
    const said = (op === 'accepted' || op === 'error') && this.#waiting.get(frame.id);
    if (!said) return;
    this.#waiting.delete(frame.id);
    if (op === 'accepted') said.done(frame);
    else said.failed(refusal(frame));
  }

  #emit(frame) {
    this.emit('frame', frame);
    // Node throws where nobody listens to 'error': whoever said something hears it from its promise.
    if (frame.op !== 'error') this.emit(frame.op, frame);
  }

  async #comeBack(error) {
    this.#socket = null;
    if (this.#isOver) return;
    this.emit('broken', error);
    const until = Date.now() + this.patienceMs;
    for (;;) {
      await new Promise((done) => setTimeout(done, 200));
      if (this.#isOver) return;
      try {
        await this.open();
        this.emit('back');
        return;
      } catch (error) {
        if (error.status || Date.now() > until) {
          for (const { failed } of this.#waiting.values()) failed(error);
          this.emit('lost', error);
          return;
        }
      }
    }
  }
}

function refusal({ problem = {} }) {
  return Object.assign(new Error(problem.detail ?? 'no answer of Callboard'), { status: problem.status, problem });
}

// ---- a WebSocket, as far as it is needed here (RFC 6455) ----

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const [TEXT, CLOSE, PING, PONG] = [1, 8, 9, 10];
const SILENCE_MS = 75_000; // the server pings every 20 s

function connect({ url, token }) {
  const key = randomBytes(16).toString('base64');
  const headers = {
    Authorization: `Bearer ${token}`, Connection: 'Upgrade', Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': key,
  };
  const target = new URL('/ws/chat', url);
  return new Promise((done, failed) => {
    const request = (target.protocol === 'https:' ? https : http).request(target, { headers });
    request.once('error', failed);
    request.once('response', (response) => {
      let body = '';
      response.on('data', (piece) => (body += piece)).on('end', () => {
        let problem = { status: response.statusCode, detail: body };
        try { problem = JSON.parse(body); } catch { /* no problem document */ }
        failed(refusal({ problem }));
      });
    });
    request.once('upgrade', (response, stream, head) => {
      const accept = createHash('sha1').update(key + GUID).digest('base64');
      if (response.headers['sec-websocket-accept'] !== accept) {
        stream.destroy();
        return failed(new Error('the server answered what is no WebSocket'));
      }
      done(new Socket(stream, head));
    });
    request.end();
  });
}

class Socket extends EventEmitter {
  #stream;
  #bytes = Buffer.alloc(0);
  #parts = [];

  constructor(stream, head) {
    super();
    this.#stream = stream;
    stream.setNoDelay(true);
    stream.setTimeout(SILENCE_MS, () => stream.destroy(new Error('the server has fallen silent')));
    stream.on('data', (bytes) => this.#take(bytes));
    stream.once('error', (error) => this.emit('lost', error));
    stream.once('close', () => this.emit('lost', new Error('the connection has ended')));
    if (head.length) setImmediate(() => this.#take(head));
  }

  say(text) {
    this.#write(TEXT, Buffer.from(text));
  }

  close() {
    this.#write(CLOSE, Buffer.from([3, 232]));
    this.#stream.end();
  }

  #take(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (let frame = this.#next(); frame; frame = this.#next()) this.#hear(frame);
  }

  #next() {
    const bytes = this.#bytes;
    if (bytes.length < 2) return null;
    let [length, start] = [bytes[1] & 0x7f, 2];
    if (length === 126) {
      if (bytes.length < 4) return null;
      [length, start] = [bytes.readUInt16BE(2), 4];
    } else if (length === 127) {
      if (bytes.length < 10) return null;
      [length, start] = [Number(bytes.readBigUInt64BE(2)), 10];
    }
    if (bytes.length < start + length) return null;
    this.#bytes = bytes.subarray(start + length);
    return { isLast: (bytes[0] & 0x80) !== 0, opcode: bytes[0] & 0x0f, data: bytes.subarray(start, start + length) };
  }

  #hear({ isLast, opcode, data }) {
    if (opcode === PING) return this.#write(PONG, data);
    if (opcode === CLOSE) return this.#stream.end();
    if (opcode === PONG) return;
    this.#parts.push(data);
    if (!isLast) return;
    const text = Buffer.concat(this.#parts).toString('utf8');
    this.#parts = [];
    this.emit('text', text);
  }

  #write(opcode, data) {
    if (this.#stream.destroyed || this.#stream.writableEnded) return;
    const extra = data.length < 126 ? 0 : data.length < 65_536 ? 2 : 8;
    const head = Buffer.alloc(6 + extra);
    head[0] = 0x80 | opcode;
    head[1] = 0x80 | (extra === 0 ? data.length : extra === 2 ? 126 : 127);
    if (extra === 2) head.writeUInt16BE(data.length, 2);
    if (extra === 8) head.writeBigUInt64BE(BigInt(data.length), 2);
    const mask = randomBytes(4);
    mask.copy(head, 2 + extra);
    const masked = Buffer.from(data);
    for (let i = 0; i < masked.length; i += 1) masked[i] ^= mask[i & 3];
    this.#stream.write(Buffer.concat([head, masked]));
  }
}

// ---- from the command line ----

async function main(words) {
  const [said, params, answers, text] = [{}, {}, [], []];
  for (let i = 0; i < words.length; i += 1) {
    if (!words[i].startsWith('--')) text.push(words[i]);
    else if (words[i] === '--param') {
      const [name, ...value] = words[(i += 1)].split('=');
      params[name] = value.join('=');
    } else if (words[i] === '--answer') answers.push(words[(i += 1)]);
    else said[words[i].slice(2)] = words[(i += 1)];
  }
  const { url, token, workflow, thread, home = '.callboard' } = said;
  const chat = new Chat({ workflow, thread, server: url ? () => ({ url, token }) : () => server(home) });
  const ended = new Promise((done, failed) => {
    chat.on('run_ended', done);
    chat.on('lost', failed);
  });
  chat.on('frame', (frame) => process.stdout.write(`${JSON.stringify(frame)}\n`));
  chat.on('broken', (error) => process.stderr.write(`${error.message}: connecting again\n`));
  chat.on('question', ({ interrupt_id, question }) => {
    if (answers.length) chat.answer(interrupt_id, answers.shift()).catch(fail);
    else process.stderr.write(`${question} (say --answer VALUE, or answer it elsewhere)\n`);
  });
  await chat.open();
  await chat.message(text.join(' '), Object.keys(params).length ? params : undefined);
  const { status } = await ended;
  chat.close();
  process.exitCode = status === 'completed' ? 0 : 1;
}

function fail(error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  main(process.argv.slice(2)).catch(fail);
}
