// A plain file server, as anybody's hosting: no API, no special headers, nothing compressed.
//
//   const site = await StaticSite.start({ fallback: true });   // unknown paths answer index.html, as single-page hosting does
//   const site = await StaticSite.start({ prefix: '/tools/binnacle' });
//   const site = await StaticSite.start({ speed: 1 });        // of the cluster in the tab; as a gateway of the tests, 4 unless said otherwise
//   const page = await StaticSite.start({ pages: { '/': '<iframe …>' } });
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { dist_path } from './places.mjs';

const kTypes = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.json': 'application/json',
                 '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.ttf': 'font/ttf', '.woff2': 'font/woff2', '.png': 'image/png', '.txt': 'text/plain',
                 '.webmanifest': 'application/manifest+json' };

export class StaticSite {
  static async start({ dir = dist_path(), prefix = '', fallback = false, pages = null, headers = {}, speed = 4 } = {}) {
    const site = new StaticSite();
    site.requests = [];
    const answer = (response, status, type, body) => {
      response.writeHead(status, { 'Content-Type': type, ...headers });
      response.end(body);
    };
    site.server = http.createServer((request, response) => {
      let target = decodeURIComponent(new URL(request.url, 'http://x').pathname);
      site.requests.push(`${request.method} ${target}`);
      if (prefix && !target.startsWith(`${prefix}/`)) return answer(response, 404, 'text/plain', 'not found');
      target = target.slice(prefix.length);
      if (pages) return pages[target] ? answer(response, 200, 'text/html; charset=utf-8', pages[target]) : answer(response, 404, 'text/plain', 'no such page');
      let file = path.join(dir, path.normalize(target));
      if (target.endsWith('/')) file = path.join(file, 'index.html');
      let found = file.startsWith(dir) && fs.existsSync(file) && fs.statSync(file).isFile();
      if (!found && fallback) {
        file = path.join(dir, 'index.html');
        found = true;
      }
      if (!found || (request.method !== 'GET' && request.method !== 'HEAD' && !fallback)) return answer(response, 404, 'text/plain', 'not found');
      if (path.relative(dir, file) === 'config.json') return answer(response, 200, kTypes['.json'], JSON.stringify({ ...JSON.parse(fs.readFileSync(file, 'utf8')), cluster: { speed } }));
      answer(response, 200, kTypes[path.extname(file)] || 'application/octet-stream', request.method === 'HEAD' ? undefined : fs.readFileSync(file));
    });
    await new Promise((resolve) => site.server.listen(0, '127.0.0.1', resolve));
    site.url = `http://127.0.0.1:${site.server.address().port}${prefix}`;
    return site;
  }

  dispose() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}
