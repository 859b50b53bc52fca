/** What a format or a check of the ledger asks for; named in reports so that a person can look it up in docs/spec. */
export type Rule =
  | 'archive'
  | 'blob'
  | 'bundle-key'
  | 'bundle-signature'
  | 'canonical-json'
  | 'checkpoint'
  | 'commitment'
  | 'consistency'
  | 'dsse'
  | 'entry'
  | 'file-digest'
  | 'inclusion'
  | 'layout'
  | 'limit'
  | 'log-key'
  | 'manifest'
  | 'note'
  | 'policy'
  | 'proof-file'
  | 'quorum'
  | 'range'
  | 'root'
  | 'sealed-file'
  | 'series'
  | 'signature'
  | 'tile'
  | 'timestamp'
  | 'verifier-key';

/** Data from outside that breaks a rule. `message` is one sentence for a person. */
export class InvalidFormat extends Error {
  override name = 'InvalidFormat';
  readonly rule: Rule;

  constructor(rule: Rule, message: string) {
    super(message);
    this.rule = rule;
  }
}
