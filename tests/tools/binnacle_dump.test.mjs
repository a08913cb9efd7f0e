// binnacle-dump over real pipes: the shared SSE cases at several chunk sizes, and its command line.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const dump = process.env.BINNACLE_DUMP ?? `${root}build/dev/binnacle-dump`;

function run(args, input) {
    const result = spawnSync(dump, args, { input, maxBuffer: 256 * 1024 * 1024 });
    assert.equal(result.error, undefined);
    return { status: result.status, stdout: result.stdout.toString('utf8'), stderr: result.stderr.toString('utf8') };
}

function dump_sse(args, input) {
    const { status, stdout, stderr } = run(['sse', ...args], input);
    assert.equal(status, 0, stderr);
    assert.ok(stdout.endsWith('\n'));
    const lines = stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
    return { summary: lines.pop(), events: lines };
}

test('binnacle-dump sse prints the events of every shared case', () => {
    const { cases } = JSON.parse(fs.readFileSync(`${root}tests/data/sse-cases.json`, 'utf8'));
    assert.ok(cases.length >= 130);
    cases.forEach((item, index) => {
        const bytes = Buffer.concat(item.chunks.map((chunk) => Buffer.from(chunk, 'base64')));
        const chunk = [[], ['--chunk', '1'], ['--chunk=3']][index % 3];
        const id = item.seed_last_event_id === '' ? [] : ['--last-event-id', item.seed_last_event_id];
        const { summary, events } = dump_sse([...chunk, ...id], bytes);
        assert.deepEqual(events, item.expect.events, item.id);
        assert.deepEqual(summary, { last_event_id: item.expect.last_event_id, retry_ms: item.expect.retry_ms }, item.id);
    });
});

test('binnacle-dump sse writes its members in the documented order', () => {
    const { stdout } = run(['sse'], 'id:1\ndata: "a"\n\n');
    assert.equal(stdout, '{"type":"message","data":"\\"a\\"","lastEventId":"1"}\n{"last_event_id":"1","retry_ms":null}\n');
});

test('binnacle-dump sse prints an event while its input is still open', async () => {
    const child = spawn(dump, ['sse'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const first = new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdin.write('data:live\r\r');
    assert.equal(JSON.parse((await first).toString().trim()).data, 'live');
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.stdin.end();
    assert.equal(await ended, 0);
});

test('binnacle-dump sse reads a 10 MiB line in chunks of 16 bytes', () => {
    const { events } = dump_sse(['--chunk', '16'], `data:${'x'.repeat(10 * 1024 * 1024)}\n\n`);
    assert.equal(events.length, 1);
    assert.equal(events[0].data.length, 10 * 1024 * 1024);
});

test('binnacle-dump says what is wrong with its command line and exits with 2', () => {
    for (const [args, words] of [
        [[], 'which protocol'],
        [['xml'], "unknown protocol 'xml'"],
        [['sse', '--chunk'], '--chunk needs a value'],
        [['sse', '--chunk', '0'], '--chunk must be a number'],
        [['sse', '--chunk', '1k'], "not '1k'"],
        [['sse', '--last-event-id'], '--last-event-id needs a value'],
        [['sse', '--last-event-id', 'a\nb'], 'line end'],
        [['sse', 'file.txt'], "unknown argument 'file.txt'"],
    ]) {
        const { status, stdout, stderr } = run(args, '');
        assert.equal(status, 2, args.join(' '));
        assert.equal(stdout, '');
        assert.ok(stderr.includes(words), stderr);
        assert.ok(stderr.includes('usage:'));
    }
    const help = run(['--help'], '');
    assert.equal(help.status, 0);
    assert.ok(help.stdout.startsWith('usage: binnacle-dump sse [--chunk N] [--last-event-id ID]'));
});
