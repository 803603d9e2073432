/** Everything Fairlead changes in the world can be read, put and dropped (DESIGN §2). */
export interface Resource<Key, Spec> {
  /** What stands there now; null: nothing. */
  read(key: Key, signal: AbortSignal): Promise<Spec | null>
  /** Makes it so. Twice is once; resolves when it is true and durable. */
  put(key: Key, spec: Spec, signal: AbortSignal): Promise<void>
  /** Takes it away. Absent is fine. */
  drop(key: Key, signal: AbortSignal): Promise<void>
}
