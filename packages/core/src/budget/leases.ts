import { LeaseList } from '../store/lease-list.ts'
import { Alarm } from '../time/alarm.ts'
import type { Clock } from '../time/clock.ts'
import type { HeldReservation } from './reservation.ts'

/** Watches for reservations that show no sign of life, and says which. */
export class Leases {
  readonly #list = new LeaseList<HeldReservation>()
  readonly #alarm: Alarm
  readonly #leaseMs: number

  constructor(
    { clock, now, leaseMs }: { clock: Clock; now: () => number; leaseMs: number },
    onExpired: (reservation: HeldReservation) => void,
  ) {
    this.#leaseMs = leaseMs
    this.#alarm = new Alarm(background(clock), () => {
      const at = now()
      for (
        let held = this.#list.first;
        held !== undefined && held.leaseUntil <= at;
        held = this.#list.first
      ) {
        if (held.waiter.ask.purpose.stillAlive?.() === true) held.refresh()
        else onExpired(held)
      }
      this.#setAlarm(at)
    })
  }

  begin(reservation: HeldReservation, now: number): void {
    const first = this.#list.first === undefined
    this.#list.add(reservation, now + this.#leaseMs)
    if (first) this.#setAlarm(now)
  }

  renew(reservation: HeldReservation, now: number): void {
    this.#list.remove(reservation)
    this.#list.add(reservation, now + this.#leaseMs)
  }

  /** The alarm stays set: to let it ring once for nothing is cheaper than to set it anew with each call. */
  end(reservation: HeldReservation): void {
    this.#list.remove(reservation)
  }

  /** May ring early, when what it was set for has been renewed. */
  #setAlarm(now: number): void {
    const { first } = this.#list
    if (first !== undefined) this.#alarm.set(first.leaseUntil, now)
  }
}

/** Leases are housekeeping: they keep no process alive. */
function background(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    random: () => clock.random(),
    timer: (ms, fn) => clock.timer(ms, fn, true),
  }
}
