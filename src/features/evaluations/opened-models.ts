import type { Secrets } from '#src/platform/secrets.ts';
import { type AskedProvider, openModel } from './ask-model.ts';

type Opened = ReturnType<typeof openModel>;

/** Models of providers that are asked again and again: each is opened once, and anew when its provider was changed. */
export class OpenedModels {
  readonly #secrets: Pick<Secrets, 'get'>;
  readonly #opened = new Map<string, { key: string; model: Opened }>();

  constructor(secrets: Pick<Secrets, 'get'>) {
    this.#secrets = secrets;
  }

  /** Throws `unavailable` where its key is not stored. */
  of(provider: AskedProvider & { id: string }): Opened {
    const key = JSON.stringify(provider);
    const known = this.#opened.get(provider.id);
    if (known?.key === key) return known.model;
    void known?.model.then((one) => one.close()).catch(() => undefined);
    const model = openModel(provider, this.#secrets);
    this.#opened.set(provider.id, { key, model });
    // The next question tries again, with the key that may have been stored by then.
    model.catch(() => this.#opened.delete(provider.id));
    return model;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#opened.values()].map(async ({ model }) => (await model).close()));
  }
}
