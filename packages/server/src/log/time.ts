const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const two = (number: number): string => String(number).padStart(2, '0')

function offset(date: Date): { readonly sign: string; readonly hours: string; readonly minutes: string } {
  const east = -date.getTimezoneOffset()
  const size = Math.abs(east)
  return { sign: east < 0 ? '-' : '+', hours: two(Math.floor(size / 60)), minutes: two(size % 60) }
}

const clock = (date: Date): string => `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`

/** Local time by ISO 8601 with its offset: `2026-11-21T19:43:05+01:00`. */
function isoTime(date: Date): string {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const { sign, hours, minutes } = offset(date)
  return `${day}T${clock(date)}${sign}${hours}:${minutes}`
}

/** Local time as the common log format writes it: `21/Nov/2026:19:43:05 +0100`. */
function commonTime(date: Date): string {
  const { sign, hours, minutes } = offset(date)
  const day = `${two(date.getDate())}/${months[date.getMonth()]}/${date.getFullYear()}`
  return `${day}:${clock(date)} ${sign}${hours}${minutes}`
}

/** A formatter of Unix milliseconds that works once a second, as all lines of one second show the same. */
function oncePerSecond(format: (date: Date) => string): (time: number) => string {
  let second = Number.NaN
  let text = ''
  return (time) => {
    if (Math.floor(time / 1000) !== second) {
      second = Math.floor(time / 1000)
      text = format(new Date(time))
    }
    return text
  }
}

export const formatIsoTime = oncePerSecond(isoTime)
export const formatCommonTime = oncePerSecond(commonTime)
