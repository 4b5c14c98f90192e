import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type Peer, startPeer } from '../processes.ts'

/** nginx with sendfile and a JSON index, tuned as its own documentation advises for static files; with WebDAV if asked. */
export async function startNginx(
  folder: string,
  { processors, workers = 1, uploads = false }: { processors?: string; workers?: number; uploads?: boolean } = {},
): Promise<Peer> {
  const port = await freePort()
  const dav = uploads ? 'dav_methods PUT DELETE MKCOL COPY MOVE; create_full_put_path on; client_max_body_size 0;' : ''
  const state = mkdtempSync(join(tmpdir(), 'filegate-bench-nginx-'))
  const configuration = join(state, 'nginx.conf')
  writeFileSync(
    configuration,
    `worker_processes ${workers}; daemon off; user root; pid ${state}/pid; error_log ${state}/error.log;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;
  client_body_temp_path ${state}/body; proxy_temp_path ${state}/proxy; fastcgi_temp_path ${state}/fastcgi;
  uwsgi_temp_path ${state}/uwsgi; scgi_temp_path ${state}/scgi;
  server { listen 127.0.0.1:${port}; root ${folder}; ${dav} location / { autoindex on; autoindex_format json; } }
}
`,
  )
  return startPeer('nginx', port, ['nginx', '-c', configuration], processors)
}
