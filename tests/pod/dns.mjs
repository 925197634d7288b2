// node dns.mjs ADDRESS: a name server on port 53 that says so of www.wixapis.com, and knows no other name.
import { createSocket } from 'node:dgram';

const bytes = process.argv[2].split('.').map(Number);
const server = createSocket('udp4');
server.on('message', (query, from) => {
  let end = 12;
  const labels = [];
  while (query[end] !== 0) {
    labels.push(query.toString('latin1', end + 1, end + 1 + query[end]));
    end += query[end] + 1;
  }
  const type = query.readUInt16BE(end + 1);
  const known = labels.join('.') === 'www.wixapis.com';
  const answers = known && type === 1 ? 1 : 0;
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
  head.writeUInt16BE(answers, 6);
  head.writeUInt32BE(0, 8);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...bytes]);
  server.send(Buffer.concat([head, query.subarray(12, end + 5), ...(answers ? [record] : [])]), from.port,
    from.address);
});
server.bind(53, '127.0.0.1', () => console.log('ready'));
