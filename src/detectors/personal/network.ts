/** An IPv4 address with no leading zeros. */
export function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** An IPv6 address: eight groups, or fewer with one `::`, which must stand for more than nothing. */
export function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  return halves.length === 1 ? groups.length === 8 : groups.length >= 2 && groups.length <= 7;
}

/** Loopback, documentation, private, link-local, multicast and unspecified ranges: they name no person's connection. */
export function isNobodysIpv4(text: string): boolean {
  const [a = 0, b = 0, c = 0] = text.split('.').map(Number);
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    a === 255 ||
    (a === 172 && b >= 16 && b <= 31) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 192 && b === 0 && c === 2) ||
    (a === 198 && b === 51 && c === 100) ||
    (a === 203 && b === 0 && c === 113)
  );
}

export function isNobodysIpv6(text: string): boolean {
  return /^(?:::1?$|fe80:|2001:0?db8:|fd|fc|ff0)/i.test(text);
}
