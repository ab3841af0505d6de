import * as root from '@plimsoll/langchain'
import * as agents from '@plimsoll/langchain/agents'
import { describe, expect, it } from 'vitest'

describe('what can be imported at run time', () => {
  it('from @plimsoll/langchain is these names and no others', () => {
    expect(Object.keys(root).toSorted()).toEqual([
      'PlimsollCache',
      'PlimsollCallbackHandler',
      'PlimsollLangChainError',
      'UsageCallbackHandler',
      'createPlimsollFetch',
      'routedChatModel',
      'withPlimsoll',
      'withPlimsollEmbeddings',
    ])
  })

  it('from @plimsoll/langchain/agents is these names and no others', () => {
    expect(Object.keys(agents).toSorted()).toEqual([
      'SpendLimitError',
      'plimsollMiddleware',
      'spendLimitMiddleware',
    ])
  })
})
