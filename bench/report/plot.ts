import { contenders as names } from '../contenders/names'
import type { WarmCell } from '../measurements/warm'

const width = 820
const height = 420
const margin = { left: 60, right: 310, top: 30, bottom: 45 }
const colours = ['#0b6e4f', '#6fb98f', '#555555', '#c8553d', '#8f2d56', '#d38fb0', '#b8860b', '#2b59c3']

/** CPU per delivery against the number of subscribers, both on logarithmic scales, as SVG. */
export function plot(cells: readonly WarmCell[]): string {
  const contenders = [...new Set(cells.map(({ contender }) => contender))]
  const sizes = [...new Set(cells.map(({ subscribers }) => subscribers))]
  const x = scale({ from: 1, to: Math.max(...sizes), low: margin.left, high: width - margin.right })
  const y = scale({ from: 10, to: 10_000, low: height - margin.bottom, high: margin.top })
  const grid = [10, 100, 1_000, 10_000].map(
    (us) =>
      `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(us)}" y2="${y(us)}" stroke="#ddd"/>` +
      `<text x="${margin.left - 8}" y="${y(us) + 4}" text-anchor="end">${us} µs</text>`,
  )
  const ticks = sizes.map(
    (size) => `<text x="${x(size)}" y="${height - margin.bottom + 20}" text-anchor="middle">${size}</text>`,
  )
  const lines = contenders.map((contender, n) => {
    const own = cells.filter((cell) => cell.contender === contender && cell.failure === undefined)
    const points = own.map(({ subscribers, cpuUs }) => `${x(subscribers)},${y(Math.min(10_000, cpuUs))}`).join(' ')
    const label = `<text x="${width - margin.right + 12}" y="${margin.top + 20 * n + 12}" fill="${colours[n]}">${names[contender]}</text>`
    return `<polyline points="${points}" fill="none" stroke="${colours[n]}" stroke-width="2"/>${label}`
  })
  const title = `<text x="${margin.left}" y="18" font-weight="bold">CPU for each delivery, by subscribers, at 10 ms</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">${[title, ...grid, ...ticks, ...lines].join('')}</svg>\n`
}

function scale({ from, to, low, high }: { from: number; to: number; low: number; high: number }) {
  return (value: number) => Math.round(low + ((high - low) * Math.log(value / from)) / Math.log(to / from))
}
