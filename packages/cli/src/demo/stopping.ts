const STOPPED_BY_SIGNAL = 130

/** Does something that SIGINT and SIGTERM stop. Resolves with its exit code. */
export async function untilStopped(
  out: NodeJS.WriteStream,
  work: (out: NodeJS.WriteStream, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  try {
    return await work(out, stop.signal)
  } catch (error) {
    if (!stop.signal.aborted) throw error
    out.write('Stopped.\n')
    return STOPPED_BY_SIGNAL
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}
