// The watch hub as one would write it straight away on Node, for ./bench.sh fanout: the same routes and frames as ours (/api/watch/*), one
// upstream per channel shared by all, a snapshot for who comes late, heartbeats. No bounds, no resync, no resume, no access checks: it
// does less than ours.
//
//   node watch_hub.mjs KUBERNETES_URL        prints the port
import http from 'node:http';

const upstream_url = process.argv[2];
const clients = new Map();   // cid -> { response, next }
const channels = new Map();  // key -> { key, objects, members, synced, waiting }

const frame = (client, event, json) => client.response.write(`id:${client.next++}\nevent:${event}\ndata:${json}\n\n`);
const watch_json = (channel, type, object_json) => `{"channel":${JSON.stringify(channel)},"type":"${type}","object":${object_json}}`;

async function run_upstream(channel, path, query) {
  for (;;) {
    try {
      const list = await (await fetch(`${upstream_url}${path}?${query}`)).json();
      channel.objects.clear();
      for (const item of list.items) channel.objects.set(item.metadata.uid, JSON.stringify(item));
      channel.synced = true;
      for (const client of channel.members) snapshot(channel, client);
      const response = await fetch(`${upstream_url}${path}?${query}&watch=true&allowWatchBookmarks=true&resourceVersion=${list.metadata.resourceVersion}`);
      const decoder = new TextDecoder();
      let text = '';
      for await (const chunk of response.body) {
        text += decoder.decode(chunk, { stream: true });
        const lines = text.split('\n');
        text = lines.pop();
        for (const line of lines) if (line) on_event(channel, JSON.parse(line));
      }
    } catch (error) {
      console.error(error.message);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

function on_event(channel, { type, object }) {
  if (type === 'DELETED') channel.objects.delete(object.metadata.uid);
  else if (type !== 'BOOKMARK') channel.objects.set(object.metadata.uid, JSON.stringify(object));
  const json = watch_json(channel.key, type, JSON.stringify(object));
  for (const client of channel.members) frame(client, 'watch', json);
}

function snapshot(channel, client) {
  for (const object of channel.objects.values()) frame(client, 'watch', watch_json(channel.key, 'ADDED', object));
  frame(client, 'watch', watch_json(channel.key, 'BOOKMARK', '{"metadata":{"annotations":{"k8s.io/initial-events-end":"true"}}}'));
}

function subscribe({ clientId, resourceType, namespace = '', name = '', labelSelector = '', fieldSelector = '' }, answer) {
  const client = clients.get(clientId);
  if (!client) return answer(400, { error: 'unknown client' });
  const key = [resourceType, '', '', namespace, name, labelSelector, fieldSelector, ''].join(':');
  let channel = channels.get(key);
  if (!channel) {
    channels.set(key, channel = { key, objects: new Map(), members: new Set(), synced: false });
    const at = resourceType.lastIndexOf('/');
    const path = namespace ? `/${resourceType.slice(0, at)}/namespaces/${namespace}${resourceType.slice(at)}` : `/${resourceType}`;
    const query = new URLSearchParams({ ...(labelSelector && { labelSelector }), ...(fieldSelector && { fieldSelector }) });
    void run_upstream(channel, path, query);
  }
  channel.members.add(client);
  answer(200, { channel: key });
  if (channel.synced) snapshot(channel, client);
}

const server = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://x');
  const answer = (status, json) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  if (url.pathname === '/api/watch/stream') {
    const client = { response, next: 1 };
    const cid = url.searchParams.get('cid');
    clients.set(cid, client);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    frame(client, 'connected', JSON.stringify({ clientId: cid, resumed: false }));
    response.on('close', () => {
      clients.delete(cid);
      for (const channel of channels.values()) channel.members.delete(client);
    });
    return;
  }
  if (url.pathname === '/api/watch/stats') return answer(200, { clients: clients.size, upstreams: channels.size });
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => {
    if (url.pathname === '/api/watch/subscribe') return subscribe(JSON.parse(body), answer);
    answer(404, { error: 'no such route' });
  });
});
setInterval(() => {
  const json = JSON.stringify({ ts: Date.now() });
  for (const client of clients.values()) frame(client, 'heartbeat', json);
}, 5000);
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
