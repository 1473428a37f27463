/** A noun's plural, as far as English has rules: names of what people's own data hold are not known beforehand. */
export function plural(noun: string): string {
  if (/[^aeiou]y$/i.test(noun)) return `${noun.slice(0, -1)}ies`;
  // Where it is said like k, ch is no hiss: epochs, monarchs.
  if (/(po|ar|ma)ch$/i.test(noun)) return `${noun}s`;
  return /(s|x|z|ch|sh)$/i.test(noun) ? `${noun}es` : `${noun}s`;
}
