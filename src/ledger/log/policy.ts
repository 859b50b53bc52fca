import { octetText, toHex, utf8Bytes, utf8Text } from './bytes.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { InvalidFormat } from './invalid-format.ts';
import { parseNote, verifyKnownSignatures } from './note.ts';
import { ED25519_COSIGNATURE, formatKeyId, parseVerifierKey, type VerifierKey } from './verifier-key.ts';

/** Whom a reader trusts: logs, witnesses, and how many of these must have cosigned. Source: C2SP tlog-policy. */
export type Policy = {
  logs: readonly VerifierKey[];
  witnesses: ReadonlyMap<string, VerifierKey>;
  groups: ReadonlyMap<string, { threshold: number; members: readonly string[] }>;
  /** The name of a witness or a group, or `none`. */
  quorum: string;
};

/** A checkpoint that holds under a policy. */
export type AcceptedCheckpoint = {
  checkpoint: Checkpoint;
  /** The note's text, the part that was signed. */
  text: string;
  log: VerifierKey;
  /** Witnesses of the policy whose cosignature holds, by their name in the policy; times in Unix seconds. */
  cosigners: readonly { name: string; cosignedAt: number }[];
};

const POLICY_BYTES_MAX = 1024 * 1024;
const DEFINITIONS_MAX = 1_000;

/** Throws `InvalidFormat` naming the line that is wrong. */
export function parsePolicy(bytes: Uint8Array): Policy {
  if (bytes.length > POLICY_BYTES_MAX) throw new InvalidFormat('limit', 'A policy is at most 1 MiB long.');
  const bad = bytes.findIndex((octet) => (octet < 0x20 && octet !== 0x09 && octet !== 0x0a) || octet === 0x7f);
  if (bad >= 0)
    throw new InvalidFormat('policy', `The policy holds the control octet 0x${toHex(bytes.subarray(bad, bad + 1))}.`);
  const reader = new PolicyReader();
  // Names are octets, whatever they spell, so the text is taken as one character per octet.
  octetText(bytes)
    .split('\n')
    .forEach((line, i) => {
      reader.read(line, i + 1);
    });
  return reader.policy();
}

class PolicyReader {
  readonly #logs: VerifierKey[] = [];
  readonly #witnesses = new Map<string, VerifierKey>();
  readonly #groups = new Map<string, { threshold: number; members: string[] }>();
  readonly #members = new Set<string>();
  #quorum: string | undefined;
  #line = 0;

  read(line: string, number: number): void {
    this.#line = number;
    const items = line.split(/[ \t]+/).filter((item) => item !== '');
    const [keyword, ...rest] = items;
    if (keyword === undefined || keyword.startsWith('#')) return;
    if (keyword === 'log') this.#log(rest);
    else if (keyword === 'witness') this.#witness(rest);
    else if (keyword === 'group') this.#group(rest);
    else if (keyword === 'quorum') this.#setQuorum(rest);
    else this.#fail(`"${keyword.slice(0, 40)}" is none of log, witness, group and quorum`);
    if (this.#logs.length + this.#witnesses.size + this.#groups.size > DEFINITIONS_MAX)
      throw new InvalidFormat('limit', `A policy with more than ${DEFINITIONS_MAX} definitions is not read.`);
  }

  policy(): Policy {
    if (this.#quorum === undefined) throw new InvalidFormat('policy', 'The policy has no quorum line.');
    return { logs: this.#logs, witnesses: this.#witnesses, groups: this.#groups, quorum: this.#quorum };
  }

  #log(items: string[]): void {
    if (items.length < 1 || items.length > 2) this.#fail('a log line is "log <vkey> [<url>]"');
    const key = this.#key(items[0] ?? '');
    if (this.#logs.some((log) => toHex(log.publicKey) === toHex(key.publicKey)))
      this.#fail('this public key is already listed as a log');
    this.#logs.push(key);
  }

  #witness(items: string[]): void {
    if (items.length < 2 || items.length > 3) this.#fail('a witness line is "witness <name> <vkey> [<url>]"');
    const [name = '', vkey = ''] = items;
    this.#define(name);
    const key = this.#key(vkey);
    if (key.type !== ED25519_COSIGNATURE) this.#fail('the key of a witness has signature type 0x04 (cosignature/v1)');
    for (const known of this.#witnesses.values())
      if (toHex(known.publicKey) === toHex(key.publicKey)) this.#fail('this public key is already listed as a witness');
    this.#witnesses.set(name, key);
  }

  #group(items: string[]): void {
    const [name = '', count = '', ...members] = items;
    if (members.length < 1) this.#fail('a group line is "group <name> all|any|<k> <name>..."');
    this.#define(name);
    const threshold = count === 'all' ? members.length : count === 'any' ? 1 : Number(count);
    if (!/^(all|any|[0-9]{1,9})$/.test(count) || threshold < 1 || threshold > members.length)
      this.#fail(`"${count.slice(0, 40)}" is not a number of members between 1 and ${members.length}`);
    for (const member of members) {
      if (!this.#witnesses.has(member) && !this.#groups.has(member))
        this.#fail(`"${member.slice(0, 40)}" is not defined on an earlier line`);
      if (this.#members.has(member)) this.#fail(`"${member.slice(0, 40)}" is a member of a group already`);
      this.#members.add(member);
    }
    this.#groups.set(name, { threshold, members });
  }

  #setQuorum(items: string[]): void {
    const [name = ''] = items;
    if (items.length !== 1) this.#fail('a quorum line is "quorum <name>"');
    if (this.#quorum !== undefined) this.#fail('there is a quorum line already');
    if (name !== 'none' && !this.#witnesses.has(name) && !this.#groups.has(name))
      this.#fail(`"${name.slice(0, 40)}" is not defined on an earlier line`);
    this.#quorum = name;
  }

  #define(name: string): void {
    if (name === 'none') this.#fail('"none" is reserved');
    if (this.#witnesses.has(name) || this.#groups.has(name)) this.#fail(`"${name.slice(0, 40)}" is defined twice`);
  }

  #key(octets: string): VerifierKey {
    const text = utf8Text(Uint8Array.from(octets, (octet) => octet.charCodeAt(0)));
    if (text === null) return this.#fail('the name of the key is not UTF-8');
    try {
      return parseVerifierKey(text);
    } catch (error) {
      if (error instanceof InvalidFormat) return this.#fail(error.message.replace(/\.$/, ''));
      throw error;
    }
  }

  #fail(what: string): never {
    throw new InvalidFormat('policy', `Line ${this.#line} of the policy: ${what}.`);
  }
}

/**
 * Checks a checkpoint: signed by a listed log under its own name, no known signature wrong, quorum reached.
 * Throws `InvalidFormat` saying which of these fails.
 */
export function acceptCheckpoint(policy: Policy, bytes: Uint8Array): AcceptedCheckpoint {
  const note = parseNote(bytes);
  const checkpoint = parseCheckpoint(note.text);
  const keys = [...policy.logs, ...policy.witnesses.values()];
  const verified = verifyKnownSignatures(note, keys);
  const signers = policy.logs.filter((log) => verified.some(({ key }) => key === log));
  if (signers.length === 0) {
    const names = policy.logs.map((log) => `${log.name} (key id ${formatKeyId(log.id)})`).join(' or ');
    throw new InvalidFormat('signature', `The checkpoint is not signed by ${names || 'a log: the policy lists none'}.`);
  }
  const log = signers.find(({ name }) => name === checkpoint.origin);
  if (!log)
    throw new InvalidFormat(
      'checkpoint',
      `The checkpoint is of the log "${checkpoint.origin}", but "${signers[0]?.name}" signed it.`,
    );
  const cosigners: { name: string; cosignedAt: number }[] = [];
  for (const [name, witness] of policy.witnesses) {
    const cosignature = verified.find(({ key }) => key === witness);
    if (cosignature) cosigners.push({ name, cosignedAt: cosignature.cosignedAt ?? 0 });
  }
  const names = new Set(cosigners.map(({ name }) => name));
  if (!isQuorumMet(policy, names))
    throw new InvalidFormat(
      'quorum',
      `The policy asks for the quorum "${policy.quorum}", and ${names.size === 0 ? 'no witness of it has' : `only ${[...names].join(', ')} of its witnesses`} cosigned.`,
    );
  return { checkpoint, text: note.text, log, cosigners };
}

/** `cosigners` are names of witnesses in the policy. */
export function isQuorumMet(policy: Policy, cosigners: ReadonlySet<string>): boolean {
  const hasCosigned = (name: string): boolean => {
    const group = policy.groups.get(name);
    if (!group) return cosigners.has(name);
    return group.members.filter(hasCosigned).length >= group.threshold;
  };
  return policy.quorum === 'none' || hasCosigned(policy.quorum);
}

/** The policy that trusts one log and asks for no witness: what a reader without an own policy file applies. */
export function policyOfLog(key: VerifierKey): Policy {
  return { logs: [key], witnesses: new Map(), groups: new Map(), quorum: 'none' };
}

export function parsePolicyText(text: string): Policy {
  return parsePolicy(utf8Bytes(text));
}
