import * as v from 'valibot'

export const positive = v.pipe(
  v.number('use a number above 0'),
  v.finite('use a finite number above 0'),
  v.gtValue(0, 'use a number above 0'),
)
/** Of what is counted one by one, less than one would let nothing through. */
export const amount = v.pipe(positive, v.minValue(1, 'use a number of at least 1'))
export const whole = v.pipe(positive, v.integer('use a whole number of at least 1'))
export const name = v.pipe(v.string('use a string'), v.nonEmpty('use a non-empty string'))

export const fn = v.custom<unknown>((input) => typeof input === 'function', 'use a function')
export const flag = v.boolean('use true or false')
