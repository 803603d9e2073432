/**
 * What `work` gives for each item, in their order, with at most `most` at work at the same time. When one fails the rest is
 * not begun, and nothing is under way any more when this throws.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  let failed: { error: unknown } | null = null
  const worker = async () => {
    while (next < items.length && failed === null) {
      const index = next++
      try {
        results[index] = await work(items[index] as Item) // within the list
      } catch (error) {
        failed ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker))
  if (failed !== null) throw (failed as { error: unknown }).error // the compiler does not see the workers set it
  return results
}
