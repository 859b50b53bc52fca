import { BlockList, isIP, isIPv4 } from 'node:net';

/** Where an address leads: to the internet, into a private network, or to this link and its metadata service. */
export type AddressKind = 'public' | 'private' | 'link-local';

// Source: IANA special-purpose address registries (RFC 6890 and later): everything that is not globally reachable.
const PRIVATE_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
// Where clouds answer with the machine's credentials.
const LINK_LOCAL = ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254/128', '100.100.100.200/32'];
// Of the global range 2000::/3: Teredo, 6to4 and documentation, which lead elsewhere or nowhere.
const NOT_GLOBAL_V6 = ['2001::/32', '2002::/16', '2001:db8::/32', '3fff::/20'];

const privateV4 = blockList(PRIVATE_V4);
const linkLocal = blockList(LINK_LOCAL);
const notGlobalV6 = blockList(NOT_GLOBAL_V6);
const globalV6 = blockList(['2000::/3']);

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits = ''] = range.split('/');
    list.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** The kind of an IPv4 or IPv6 address. Whatever is not plainly public counts as private. */
export function addressKind(address: string): AddressKind {
  const plain = address.replace(/%.*$/, '');
  const family = isIP(plain);
  if (family === 4) {
    if (linkLocal.check(plain, 'ipv4')) return 'link-local';
    return privateV4.check(plain, 'ipv4') ? 'private' : 'public';
  }
  if (family !== 6) return 'private';
  const inner = embeddedV4(plain);
  if (inner) return addressKind(inner);
  if (linkLocal.check(plain, 'ipv6')) return 'link-local';
  return globalV6.check(plain, 'ipv6') && !notGlobalV6.check(plain, 'ipv6') ? 'public' : 'private';
}

/** The IPv4 address inside an IPv4-mapped (::ffff:0:0/96) or NAT64 (64:ff9b::/96) one. Source: RFC 4291, RFC 6052. */
function embeddedV4(address: string): string | null {
  const groups = expand(address);
  const head = groups
    .slice(0, 6)
    .map((group) => group.toString(16))
    .join(':');
  if (head !== '0:0:0:0:0:ffff' && head !== '64:ff9b:0:0:0:0') return null;
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function expand(address: string): number[] {
  // The URL parser has one spelling for every address, with hexadecimal groups only.
  const spelled = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [left = '', right] = spelled.split('::');
  const parse = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [before, after] = [parse(left), parse(right ?? '')];
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}
