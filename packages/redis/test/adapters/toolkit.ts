import type { Attributes, Plimsoll, PlimsollConfig } from '@plimsoll/core'

export type ToolkitName = 'ai-sdk' | 'effect' | 'langchain'

/** What a process is told that calls through each toolkit, by a Plimsoll of its own. */
export interface ToolkitTask {
  readonly redis: string
  readonly namespace: string
  readonly provider: string
  /** As much of a configuration as can be told to another process. */
  readonly config: Pick<PlimsollConfig, 'targets' | 'budgets' | 'prices' | 'leaseMs'>
}

export interface Question {
  /** Of OpenAI: its target is `openai/<model>`. */
  readonly model: string
  readonly text: string
  readonly maxTokens: number
  readonly attributes: Attributes
}

/** One of the ways in which a toolkit calls. */
export interface Way {
  /** A whole answer. */
  ask(question: Question, signal: AbortSignal): Promise<unknown>
  /** Room that is held, its answer begun where there is one. Returns how it is left, which gives the room back. */
  hold(question: Question): Promise<() => unknown>
}

export interface Toolkit {
  readonly plimsoll: Plimsoll
  readonly ways: Readonly<Record<string, Way>>
  /** As the toolkit ends: what it has told the store has arrived. */
  end(): Promise<void>
}

export type MakeToolkit = (config: PlimsollConfig, provider: string) => Promise<Toolkit>

interface Calls {
  readonly toolkit: ToolkitName
  readonly way: string
  readonly question: Question
  readonly times: number
}

export type ToolkitOrder =
  /** So many at once. Answers with how and when each ended. */
  | ({ readonly type: 'ask' } & Calls)
  /** In so many lanes, one after the other, until there is no room. Answers as `ask`, the refusals included. */
  | ({ readonly type: 'spend' } & Calls)
  /** So many at once, most of which are left: some on their way to the store, and two of the others with each answer. */
  | ({ readonly type: 'ask and leave' } & Calls)
  /** Answers when it is held. */
  | ({ readonly type: 'hold' } & Omit<Calls, 'times'>)
  /** What is held is left. */
  | { readonly type: 'leave' }
  /** How many wait for room. */
  | { readonly type: 'waiting'; readonly toolkit: ToolkitName }
  /** All of it ends, as a process should. */
  | { readonly type: 'end' }

export interface Ended {
  /** `answered`, `left`, or why not. */
  readonly how: string
  /** By the clock of the machine, which all have in common. */
  readonly at: number
}
