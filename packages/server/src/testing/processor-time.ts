/**
 * Milliseconds of the processor that this thread takes for some work. A machine that is busy with something else, or stands
 * still, makes them no more, as it does with what a clock tells.
 */
export function processorTime(work: () => void): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
