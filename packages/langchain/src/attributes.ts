import type { Attributes } from '@plimsoll/core'
import { isFields } from './request.ts'
import type { Fields } from './request.ts'

/** What `metadata.plimsoll` says of a call. Metadata is set in code: it counts where nothing nearer says otherwise. */
export function metadataAttributes(...all: readonly unknown[]): Fields {
  return Object.assign(
    {},
    ...all.map((metadata) => {
      const said = isFields(metadata) ? metadata['plimsoll'] : undefined
      return isFields(said) ? defined(said) : {}
    }),
  ) as Fields
}

export function defined(attributes: Attributes | Fields): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined))
}
