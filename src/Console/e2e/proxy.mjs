// A wire between browser and appliance that a test can cut, or let go silent.
import { connect, createServer } from 'node:net';

export async function wire(target) {
  const { hostname, port } = new URL(target);
  const pairs = new Set();
  let silent = false, closed = false;
  const server = createServer(client => {
    if (closed) return client.destroy();
    const upstream = connect(Number(port), hostname), pair = { client, upstream };
    pairs.add(pair);
    const end = () => { client.destroy(); upstream.destroy(); pairs.delete(pair); };
    client.on('data', bytes => { if (!silent) upstream.write(bytes); });
    upstream.on('data', bytes => { if (!silent) client.write(bytes); });
    for (const socket of [client, upstream]) socket.on('close', end).on('error', end);
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${server.address().port}`,
    /** Ends every connection, and takes no new one until mended. */
    cut() { closed = true; for (const { client, upstream } of pairs) { client.destroy(); upstream.destroy(); } pairs.clear(); },
    mend() { closed = false; },
    /** Connections stay, and nothing comes through. */
    silence() { silent = true; },
    close() { this.cut(); server.close(); },
  };
}
