// Conversations for the benchmarks of the gateway: ordinary words, no data in them.

const HISTORY = [
  'Could you look at the notes from the last meeting and tell me what was decided about the new office, please?',
  'The office will move in spring, and the team on the second floor goes first. Everything else waits for the budget.',
  'Thanks. And what did the people from the works council say about the plan, in short and without the details?',
  'They agree with it as long as nobody has to travel longer than before, and they want to see the plan in writing.',
];
const WORDS =
  'river stone quiet letter garden window market evening number simple future little answer people morning question'.split(
    ' ',
  );

/** A prompt of about `size` bytes. `fresh`: nothing in it was sent before; otherwise only the last turn is new. */
export function prompt(size: number, stream: boolean, number: number, fresh: boolean): string {
  const words = (count: number, seed: number) =>
    Array.from({ length: count }, (_, i) => WORDS[(i * 7 + seed * 13 + ((i * seed) % 5)) % WORDS.length]).join(' ');
  const messages: { role: string; content: string }[] = [
    { role: 'system', content: 'You are a helpful assistant of a company. Answer in short sentences.' },
  ];
  let bytes = 500;
  for (let i = 0; bytes < size; i++) {
    const content = `${HISTORY[i % HISTORY.length]} ${words(30, fresh ? number + i : i)}.`;
    messages.push({ role: i % 2 === 0 ? 'user' : 'assistant', content });
    bytes += content.length + 40;
  }
  messages.push({ role: 'user', content: `Question ${number}: ${words(35, number)}?` });
  return JSON.stringify({ model: 'gpt-bench', ...(stream && { stream: true }), messages });
}
