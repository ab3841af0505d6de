import type { Fields } from './checks.ts'
import type { Control } from './control.ts'
import { ApiError } from './http/api-error.ts'
import { readJson } from './http/read-json.ts'
import type { Context } from './refuse.ts'

/** One action: what it answers, given the body (empty for GET and DELETE). */
export type ControlAction = (control: Control, body: Fields) => unknown

export const CONTROL_ROUTES: Record<string, Record<string, ControlAction>> = {
  '/__stats': { GET: (control) => control.stats() },
  '/__reset': { POST: (control) => done(control.reset()) },
  '/__faults': {
    // Checked by inject itself, which names the field at fault.
    POST: (control, body) => done(control.inject(body as never)),
    DELETE: (control) => done(control.clearFaults()),
  },
  '/__consume': { POST: (control, body) => ({ taken: control.consume(body as never) }) },
}

function done(_nothing: void): unknown {
  return { ok: true }
}

export function serveControl({ state, exchange }: Context, control: Control, action: ControlAction): void {
  const answer = (status: number, body: unknown): void => {
    exchange.send(status, { 'content-type': 'application/json' }, JSON.stringify(body))
  }
  const run = (body: Fields): void => {
    try {
      answer(200, action(control, body))
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error
      answer(400, { error: { message: error.message } })
    }
  }
  const { headers } = exchange.request
  if ((headers['content-length'] ?? '0') === '0' && headers['transfer-encoding'] === undefined) {
    exchange.request.resume()
    run({})
    return
  }
  readJson(exchange.request, state.settings.maxBodyBytes, (body) => {
    if (body instanceof ApiError) answer(400, { error: { message: body.message } })
    else run(body)
  })
}
