import { expect, test } from 'vitest';
import { isInstant } from './leaf-form.ts';

test('an instant is on a day that exists', () => {
  for (const year of ['0000', '0100', '1900', '2000', '2023', '2024', '2100', '2400', '9999'])
    for (let month = 1; month <= 12; month++)
      for (let day = 1; day <= 31; day++) {
        const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}T08:53:33.120Z`;
        // A Date makes days that do not exist those of the next month.
        expect(isInstant(text), text).toBe(new Date(text).toISOString() === text);
      }
});
