import type { Attributes } from '../call/attributes.ts'
import { PlimsollError } from '../call/errors.ts'
import type { Policy } from '../call/policy.ts'

/** Whether a feature is on, asked for each call: for a service of flags. */
export type FeatureSwitch = (feature: string, attributes: Attributes) => boolean

export type Features = Readonly<Record<string, { readonly enabled: boolean }>> | FeatureSwitch

/** The refusal of a call whose feature is switched off. A switch that throws leaves it on. */
export function switchedOff(
  attributes: Attributes,
  features: Features,
  onError: (error: unknown) => void,
): PlimsollError | undefined {
  const { feature } = attributes
  if (feature === undefined || isOn(feature, attributes, features, onError)) return undefined
  const message = `The feature \`${feature}\` is switched off.`
  return new PlimsollError({ code: 'feature-off', message })
}

function isOn(
  feature: string,
  attributes: Attributes,
  features: Features,
  onError: (error: unknown) => void,
): boolean {
  if (typeof features !== 'function') return !Object.hasOwn(features, feature) || features[feature]!.enabled
  try {
    return features(feature, attributes)
  } catch (error) {
    onError(error)
    return true
  }
}

/** Refuses calls whose feature is switched off, where no policy that could do something else stands in front. */
export function switched(offSwitch: (attributes: Attributes) => PlimsollError | undefined): Policy {
  return {
    name: 'switches',
    async run(call, next) {
      const error = offSwitch(call.attributes)
      return error === undefined ? next(call) : { kind: 'rejected', side: 'caller', by: 'feature', error }
    },
  }
}
