import { expect, it } from 'vitest'
import { isValid } from './valid.ts'

const schema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] }

it.each([
  ['an object as it was asked for', schema, '{"n":1}', true],
  ['one that lacks a field', schema, '{"m":1}', false],
  ['one whose field is of another type', schema, '{"n":"1"}', false],
  ['what is no JSON', schema, 'n = 1', false],
  ['what is cut off', schema, '{"n":', false],
  ['nothing', schema, '', false],
  ['any object where no schema says more', undefined, '{"m":1}', true],
  ['any object where the schema is null', null, '{"m":1}', true],
  ['what is no JSON where no schema says more', undefined, '{', false],
])('%s', (_, asked, text, expected) => {
  expect(isValid({ schema: asked, text })).toBe(expected)
})

it('goes by draft 7: a list of item schemas is a tuple', () => {
  const tuple = { type: 'array', items: [{ type: 'number' }, { type: 'string' }] }
  expect(isValid({ schema: tuple, text: '[1,"a"]' })).toBe(true)
  expect(isValid({ schema: tuple, text: '["a",1]' })).toBe(false)
})
