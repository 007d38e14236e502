/** The bytes as they come; `onBytes` hears how many of them have been taken. */
export async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  onBytes: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const chunk of bytes) {
    yield chunk;
    onBytes((count += chunk.length));
  }
}
