// An independent harness for binnacle-sse-service: our SSE client over real sockets, driven by the protocol of
// launchdarkly/sse-contract-tests, every request and every capability of it. Nothing here waits for a time to pass: each step waits for
// what the client does.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = process.env.BINNACLE_SSE_SERVICE ?? `${root}build/dev/binnacle-sse-service`;

let service, service_url, exited;

before(async () => {
    service = spawn(program, ['--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    exited = new Promise((resolve) => service.once('exit', (code, signal) => resolve(code ?? signal)));
    service_url = await new Promise((resolve, reject) => {
        let text = '';
        service.once('exit', () => reject(new Error('the service ended at once')));
        service.stdout.on('data', (bytes) => {
            text += bytes;
            const found = /SSE service is at (http:\S+)\//.exec(text);
            if (found) resolve(found[1]);
        });
    });
});
after(() => service.kill('SIGKILL'));

const send = (method, url, body) => new Promise((resolve, reject) => {
    const request = http.request(url, { method, agent: false, headers: body === undefined ? {} : { 'content-type': 'application/json' } }, (response) => {
        let text = '';
        response.on('data', (bytes) => { text += bytes; });
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.on('error', reject);
    request.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
});

// A queue that is read by waiting.
class Inbox {
    #items = [];
    #waiting = [];
    count = 0;
    push(item) {
        ++this.count;
        const waiting = this.#waiting.shift();
        if (waiting) waiting(item);
        else this.#items.push(item);
    }
    next() {
        return this.#items.length ? Promise.resolve(this.#items.shift()) : new Promise((resolve) => this.#waiting.push(resolve));
    }
}

// The far end: what the client asks for, answered by the test; and what the service tells about it.
async function far_end() {
    const requests = new Inbox(), messages = new Inbox(), sockets = new Set();
    let expected = 1;
    const server = http.createServer((request, response) => {
        const chunks = [];
        request.on('data', (chunk) => chunks.push(chunk));
        request.on('end', () => {
            const body = Buffer.concat(chunks).toString('utf8');
            const told = /^\/callback\/(\d+)$/.exec(request.url);
            if (!told) return void requests.push({ method: request.method, url: request.url, headers: request.headers, body, response });
            response.writeHead(202).end();
            messages.push({ number: Number(told[1]), expected: expected++, ...JSON.parse(body) });
        });
    });
    server.on('connection', (socket) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address();
    const url = `http://127.0.0.1:${port}`;
    let location;
    return {
        url, port, server, requests, messages,
        async open(options = {}) {
            const answer = await send('POST', `${service_url}/`, { streamUrl: `${url}/stream`, callbackUrl: `${url}/callback`, tag: 'test', initialDelayMs: 1, ...options });
            assert.equal(answer.status, 201, answer.text);
            location = new URL(answer.headers.location, service_url).href;
            return location;
        },
        async request() { return requests.next(); },
        // The next event or comment; errors are told whenever a connection ends, between them.
        async told(kind = 'event') {
            for (;;) {
                const message = await messages.next();
                assert.equal(message.number, message.expected, 'callbacks are numbered from 1, in order');
                if (message.kind === kind) return kind === 'event' ? message.event : message.comment;
                assert.ok(message.kind === 'error', `a ${message.kind} where a ${kind} was due: ${JSON.stringify(message)}`);
            }
        },
        async close() {
            if (location) await send('DELETE', location);
            for (const socket of sockets) socket.destroy();
            await new Promise((resolve) => server.close(resolve));
        },
    };
}

const start = (request, headers = {}) => {
    request.response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    request.response.flushHeaders();
    return request.response;
};

const scenario = (name, run) => test(name, { timeout: 60_000 }, async () => {
    const far = await far_end();
    try {
        await run(far);
    } finally {
        await far.close();
    }
});

test('the service is up and says what the client can', async () => {
    const answer = await send('GET', `${service_url}/`);
    assert.equal(answer.status, 200);
    assert.deepEqual(JSON.parse(answer.text).capabilities.sort(),
        ['bom', 'comments', 'headers', 'last-event-id', 'post', 'read-timeout', 'report', 'restart', 'server-directed-shutdown-request']);
});

test('bad input is refused, and streams that are not there are not found', async () => {
    const good = { streamUrl: 'http://127.0.0.1:9/', callbackUrl: 'http://127.0.0.1:9/' };
    for (const bad of ['{', '[]', '{}', { ...good, streamUrl: 7 }, { ...good, streamUrl: 'ftp://x/' }, { ...good, callbackUrl: '' }, { ...good, headers: { a: 1 } }, { ...good, initialDelayMs: -1 },
        { ...good, readTimeoutMs: 'soon' }]) {
        assert.equal((await send('POST', `${service_url}/`, bad)).status, 400, JSON.stringify(bad));
    }
    assert.equal((await send('POST', `${service_url}/streams/nothing`, { command: 'restart' })).status, 404);
    assert.equal((await send('DELETE', `${service_url}/streams/nothing`)).status, 404);
    assert.equal((await send('GET', `${service_url}/streams`)).status, 404);
});

scenario('the default request, and one event after the other with numbered callbacks', async (far) => {
    await far.open();
    const request = await far.request();
    assert.equal(request.method, 'GET');
    assert.equal(request.headers.accept, 'text/event-stream');
    assert.equal(request.headers['cache-control'], 'no-cache');
    assert.equal(request.headers['last-event-id'], undefined);
    const stream = start(request);
    for (let i = 0; i < 50; i++) stream.write(`event: n\nid: ${i}\ndata: ${i}\n\n`);
    for (let i = 0; i < 50; i++) assert.deepEqual(await far.told(), { type: 'n', data: String(i), id: String(i) });
});

scenario('every shared SSE case arrives over sockets as over the parser', async (far) => {
    const { cases } = JSON.parse(fs.readFileSync(`${root}tests/data/sse-cases.json`, 'utf8'));
    assert.ok(cases.length >= 130);
    let count = 0;
    for (const item of cases) {
        const own = await far_end();
        try {
            await own.open({ lastEventId: item.seed_last_event_id, initialDelayMs: 60_000 });
            const stream = start(await own.request());
            for (const chunk of item.chunks) stream.write(Buffer.from(chunk, 'base64'));
            // The end discards what is unfinished; the error that tells of it comes behind all events.
            stream.end();
            const events = [], comments = [];
            for (;;) {
                const message = await own.messages.next();
                if (message.kind === 'error') break;
                if (message.kind === 'event') events.push(message.event);
                else comments.push(message.comment);
            }
            assert.deepEqual(events, item.expect.events.map((each) => ({ type: each.type, data: each.data, id: each.lastEventId })), item.id);
            if (item.expect.comments) assert.deepEqual(comments, item.expect.comments, item.id);
            ++count;
        } finally {
            await own.close();
        }
    }
    assert.equal(count, cases.length);
});

scenario('a byte order mark is no data', async (far) => {
    await far.open();
    start(await far.request()).write(Buffer.from('\uFEFFdata: 1\n\n'));
    assert.equal((await far.told()).data, '1');
});

scenario('comments are told with the text after the colon, unchanged', async (far) => {
    await far.open();
    start(await far.request()).write(':plain\n: with a blank \n:\ndata: x\n\n');
    assert.equal(await far.told('comment'), 'plain');
    assert.equal(await far.told('comment'), ' with a blank ');
    assert.equal(await far.told('comment'), '');
    assert.equal((await far.told()).data, 'x');
});

for (const method of ['POST', 'REPORT']) {
    scenario(`headers, method and body of a ${method} go with the first request and with every other`, async (far) => {
        await far.open({ method, body: '{"a":"ä"}', headers: { 'content-type': 'application/json; charset=utf-8', 'X-Mine': 'one' } });
        for (let i = 0; i < 3; i++) {
            const request = await far.request();
            assert.equal(request.method, method);
            assert.equal(request.body, '{"a":"ä"}');
            assert.equal(request.headers['content-type'], 'application/json; charset=utf-8');
            assert.equal(request.headers['x-mine'], 'one');
            request.response.destroy();
        }
    });
}

scenario('the first request carries the given id, which counts as received until another comes', async (far) => {
    await far.open({ lastEventId: 'abc' });
    const first = await far.request();
    assert.equal(first.headers['last-event-id'], 'abc');
    start(first).end('data: a\n\n');
    assert.equal((await far.told()).id, 'abc');
    const second = await far.request();
    assert.equal(second.headers['last-event-id'], 'abc');
    start(second).end('id: def\ndata: b\n\nid: ghi\ndata: unfinished');
    assert.equal((await far.told()).id, 'def');
    const third = await far.request();
    assert.equal(third.headers['last-event-id'], 'def');
    start(third).end('id\ndata: c\n\n');
    assert.equal((await far.told()).id, '');
    assert.equal((await far.request()).headers['last-event-id'], undefined);
});

scenario('silence beyond the read timeout drops the connection and asks again', async (far) => {
    await far.open({ readTimeoutMs: 200 });
    const first = await far.request();
    const dropped = new Promise((resolve) => first.response.once('close', resolve));
    start(first).write('data: a\n\n');
    assert.equal((await far.told()).data, 'a');
    await dropped;
    assert.equal(await far.told('error').then((text) => typeof text), 'string');
    start(await far.request()).write('data: b\n\n');
    assert.equal((await far.told()).data, 'b');
});

scenario('restart drops the connection and asks the same address again, as if the server had cut it', async (far) => {
    const location = await far.open();
    const first = await far.request();
    const dropped = new Promise((resolve) => first.response.once('close', resolve));
    start(first).write('id: 1\ndata: a\n\n');
    assert.equal((await far.told()).data, 'a');
    assert.equal((await send('POST', location, { command: 'restart' })).status, 202);
    await dropped;
    const second = await far.request();
    assert.equal(second.url, '/stream');
    assert.equal(second.headers['last-event-id'], '1');
    start(second).write('data: b\n\n');
    assert.equal((await far.told()).data, 'b');
    assert.equal((await send('POST', location, { command: 'listen', listen: { type: 'x' } })).status, 202);
    assert.equal((await send('POST', location, { command: 'dance' })).status, 400);
    assert.equal((await send('POST', location, '{')).status, 400);
});

scenario('a 204 ends all attempts', async (far) => {
    await far.open();
    (await far.request()).response.writeHead(204).end();
    // Another stream with the same delay tries several times; by then this one would have come again.
    const other = await far_end();
    try {
        await other.open();
        for (let i = 0; i < 6; i++) (await other.request()).response.writeHead(503).end();
    } finally {
        await other.close();
    }
    assert.equal(far.requests.count, 1);
});

scenario('refusals are told, and only those that may pass are tried again', async (far) => {
    await far.open();
    for (const status of [500, 502, 503, 504, 429, 408]) {
        (await far.request()).response.writeHead(status).end();
        assert.equal(typeof await far.told('error'), 'string');
    }
    (await far.request()).response.writeHead(404).end();
    assert.match(await far.told('error'), /no longer exists/);
    for (const [status, type] of [[401, ''], [403, ''], [410, ''], [200, 'text/html']]) {
        const other = await far_end();
        try {
            await other.open();
            (await other.request()).response.writeHead(status, { 'content-type': type || 'text/plain' }).end();
            assert.equal(typeof await other.told('error'), 'string');
            assert.equal(other.requests.count, 1);
        } finally {
            await other.close();
        }
    }
});

scenario('redirects are followed with method and headers, to another place and another server', async (far) => {
    const other = await far_end();
    try {
        for (const status of [301, 302, 303, 307, 308]) {
            const location = await far.open({ headers: { 'X-Mine': String(status) } });
            (await far.request()).response.writeHead(status, { location: '/elsewhere?a=1' }).end();
            const second = await far.request();
            assert.equal(second.url, '/elsewhere?a=1');
            assert.equal(second.headers['x-mine'], String(status));
            second.response.writeHead(status, { location: `${other.url}/far` }).end();
            const third = await other.request();
            assert.equal(third.url, '/far');
            start(third).write(`data: ${status}\n\n`);
            // Every stream tells to the same address here, each from 1 on.
            for (;;) {
                const message = await far.messages.next();
                if (message.kind !== 'event') continue;
                assert.equal(message.event.data, String(status));
                break;
            }
            await send('DELETE', location);
        }
    } finally {
        await other.close();
    }
});

scenario('a redirect that leads nowhere is an error, not a loop', async (far) => {
    for (const headers of [{}, { location: '' }, { location: 'not a place' }]) {
        const own = await far_end();
        try {
            await own.open();
            (await own.request()).response.writeHead(301, headers).end();
            assert.match(await own.told('error'), /301/);
            assert.equal(own.requests.count, 1);
        } finally {
            await own.close();
        }
    }
    await far.open();
    for (let i = 0; i < 21; i++) (await far.request()).response.writeHead(307, { location: '/round' }).end();
    assert.match(await far.told('error'), /307/);
    assert.equal(far.requests.count, 21);
});

scenario('cut after any byte of its body, a stream gives every event once', async (far) => {
    const events = ['a', 'b\nb', 'ä€😀', '', 'e'];
    const blocks = events.map((data, i) => Buffer.from(`id: ${i + 1}\r\n${data.split('\n').map((line) => `data: ${line}\r\n`).join('')}\r\n`));
    const whole = Buffer.concat(blocks);
    await far.open({ initialDelayMs: 1 });
    // Each connection goes on behind the id, and is cut one byte later than the one before. Another `retry` each time keeps the delay short.
    for (let cut = 0; cut <= whole.length; cut++) {
        const request = await far.request();
        const from = Number(request.headers['last-event-id'] ?? 0) % events.length;
        const rest = Buffer.concat(blocks.slice(from));
        const stream = start(request);
        const piece = rest.subarray(0, Math.min(cut, rest.length));
        await new Promise((resolve) => stream.write(Buffer.concat([Buffer.from(`retry: ${1 + (cut % 2)}\n\n`), piece]), resolve));
        stream.destroy();
        // A block is complete with the CR of its blank line.
        const complete = blocks.slice(from).reduce((sum, block, i, all) => (Buffer.concat(all.slice(0, i + 1)).length - 1 <= piece.length ? i + 1 : sum), 0);
        for (let i = 0; i < complete; i++) assert.deepEqual(await far.told(), { type: 'message', data: events[from + i], id: String(from + i + 1) });
    }
});

scenario('a server that restarts is found again', async (far) => {
    const gone = http.createServer((request, response) => { response.writeHead(200, { 'content-type': 'text/event-stream' }); response.write('id: 7\ndata: before\n\n'); });
    await new Promise((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address();
    await far.open({ streamUrl: `http://127.0.0.1:${port}/stream`, initialDelayMs: 5 });
    assert.equal((await far.told()).data, 'before');
    gone.closeAllConnections();
    await new Promise((resolve) => gone.close(resolve));
    assert.equal(typeof await far.told('error'), 'string');
    assert.equal(typeof await far.told('error'), 'string');  // nobody listens there: refused, and tried again
    const again = new Inbox();
    const back = http.createServer((request, response) => again.push({ headers: request.headers, response }));
    await new Promise((resolve) => back.listen(port, '127.0.0.1', resolve));
    const request = await again.next();
    assert.equal(request.headers['last-event-id'], '7');
    start(request).write('data: after\n\n');
    assert.equal((await far.told()).data, 'after');
    back.closeAllConnections();
    await new Promise((resolve) => back.close(resolve));
});

scenario('closing a stream drops its connection and forgets it', async (far) => {
    const location = await far.open();
    const request = await far.request();
    const dropped = new Promise((resolve) => request.response.once('close', resolve));
    start(request);
    assert.equal((await send('DELETE', location)).status, 204);
    await dropped;
    assert.equal((await send('POST', location, { command: 'restart' })).status, 404);
});

test('the service quits when asked', { timeout: 30_000 }, async () => {
    assert.equal((await send('DELETE', `${service_url}/`)).status, 204);
    assert.equal(await exited, 0);
});
