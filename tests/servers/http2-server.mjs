// A source over TLS that speaks HTTP/2 (by ALPN; HTTP/1.1 too) and compresses: Node's own http2 and zlib.
//   GET /items?offset=&limit=   {"items":[...],"total":N}; prefer=br|gzip|identity chooses among what is accepted
//   GET /private                the same, only for a client whose certificate the authority signed (403)
//   GET /moved                  redirects to /items on this host
//   GET /elsewhere              redirects to the same server under another host's name
//   GET /stats                  what was seen: {"requests":[{"path","version","alpn","encoding","host","authorization","client"}]}
// First line on standard output: {"port"}. Arguments: --key, --cert, --ca (PEM files), --items N.
import fs from 'node:fs';
import http2 from 'node:http2';
import zlib from 'node:zlib';

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const count = Number(option('items', 230));
const seen = [];
const encoders = { br: zlib.brotliCompressSync, gzip: zlib.gzipSync };

// Numbers and strings that a careless reader would change on their way.
const item = (id) => `{"id":${id},"big":9007199254740993,"price":${id}.10,"name":"Zoë \\ud83d\\ude00 ${'x'.repeat(id % 50)}"}`;

const server = http2.createSecureServer({
  key: fs.readFileSync(option('key')),
  cert: fs.readFileSync(option('cert')),
  ca: fs.readFileSync(option('ca')),
  requestCert: true,
  rejectUnauthorized: false,
  allowHTTP1: true,
});

server.on('request', (request, response) => {
  const url = new URL(request.url, 'https://server');
  if (url.pathname === '/stats') {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ requests: seen }));
    return;
  }
  const socket = request.stream?.session?.socket ?? request.socket;
  const accepted = (request.headers['accept-encoding'] ?? '').split(/,\s*/);
  const preferred = url.searchParams.get('prefer') ?? 'br';
  const encoding = accepted.includes(preferred) ? preferred : 'identity';
  seen.push({
    path: url.pathname,
    version: request.httpVersion,
    alpn: socket.alpnProtocol,
    encoding,
    host: request.headers[':authority'] ?? request.headers.host,
    authorization: request.headers.authorization ?? null,
    client: socket.authorized ? socket.getPeerCertificate().subject.CN : null,
  });
  if (url.pathname === '/moved' || url.pathname === '/elsewhere') {
    const port = server.address().port;
    const target = url.pathname === '/moved' ? '/items' : `https://127.0.0.1:${port}/items`;
    response.writeHead(302, { location: target + url.search });
    response.end();
    return;
  }
  if (url.pathname === '/private' && !socket.authorized) {
    response.writeHead(403);
    response.end();
    return;
  }
  const offset = Number(url.searchParams.get('offset') ?? 0);
  const limit = Number(url.searchParams.get('limit') ?? 50);
  const items = [];
  for (let id = offset; id < Math.min(offset + limit, count); id++) items.push(item(id));
  const body = Buffer.from(`{"items":[${items.join(',')}],"total":${count}}`);
  const encode = encoders[encoding];
  const headers = { 'content-type': 'application/json', ...(encode ? { 'content-encoding': encoding } : {}) };
  response.writeHead(200, headers);
  response.end(encode ? encode(body) : body);
});

server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
