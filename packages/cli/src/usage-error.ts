/** The command was not understood: shown without a stack, with a hint at the help. */
export class UsageError extends Error {}
