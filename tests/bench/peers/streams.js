// The peers' side of ./bench.sh streams: the parsers as their packages ship them, and the plainest pipeline one would write with
// them: JSON.parse, then a ring of 5,000 lines. Each answers as binnacle.bench does.
import { getLines, getMessages } from '@microsoft/fetch-event-source/lib/esm/parse.js';
import { createParser } from 'eventsource-parser';

const kChunk = 65536;
const kLines = 5000;

class Ring {
  #items = new Array(kLines);
  #next = 0;
  size = 0;
  push(item) {
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % kLines;
    if (this.size < kLines) this.size++;
  }
}

const kStamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) (.*)$/s;

// What a panel of logs keeps of an event.
function read_line(data) {
  if (data.startsWith('{')) {
    const json = JSON.parse(data);
    const inner = json.data ?? json;
    return { timestamp: json.timestamp ?? '', level: inner.level ?? '', stage: inner.stage ?? '', message: inner.message ?? data };
  }
  const found = kStamp.exec(data);
  return found ? { timestamp: found[1], level: '', stage: '', message: found[2] } : { timestamp: '', level: '', stage: '', message: data };
}

function chunks(bytes, feed) {
  for (let at = 0; at < bytes.length; at += kChunk) feed(bytes.subarray(at, at + kChunk));
}

const with_event = {
  'eventsource-parser': (bytes, on_data) => {
    const parser = createParser({ onEvent: (event) => on_data(event.data) });
    const decoder = new TextDecoder();
    chunks(bytes, (piece) => parser.feed(decoder.decode(piece, { stream: true })));
  },
  'fetch-event-source': (bytes, on_data) => {
    const on_chunk = getLines(getMessages(() => {}, () => {}, (message) => on_data(message.data)));
    chunks(bytes, on_chunk);
  },
};

function sse(peer, bytes) {
  let events = 0;
  const started = performance.now();
  with_event[peer](bytes, () => { events++; });
  return { events, ms: performance.now() - started };
}

function logs(peer, bytes) {
  let events = 0;
  const ring = new Ring();
  const started = performance.now();
  with_event[peer](bytes, (data) => {
    events++;
    ring.push(read_line(data));
  });
  return { events, ms: performance.now() - started, kept: ring.size };
}

globalThis.peers = { names: Object.keys(with_event), sse, logs };
