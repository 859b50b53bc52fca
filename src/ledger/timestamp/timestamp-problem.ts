/** What of a time stamp does not hold. Source: RFC 3161, section 2.2 to 2.4; RFC 5816. */
export type TimestampCheck =
  /** Larger, deeper or longer than is read. */
  | 'limit'
  /** Not the structure the standard asks for. */
  | 'format'
  /** The authority refused. */
  | 'status'
  /** It stamps another text. */
  | 'imprint'
  | 'nonce'
  | 'policy'
  | 'signature'
  /** The certificate of the authority is not one to stamp with, or not the one the token names. */
  | 'certificate'
  /** It does not lead to the given authority. */
  | 'chain'
  | 'time';

/** A time stamp that does not hold. `message` is one sentence for a person. */
export class TimestampProblem extends Error {
  override name = 'TimestampProblem';
  readonly check: TimestampCheck;

  constructor(check: TimestampCheck, message: string, options?: { cause: unknown }) {
    super(message, options);
    this.check = check;
  }
}
