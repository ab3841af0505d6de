import { demo } from './demo/command.ts'
import { UsageError } from './usage-error.ts'

const HELP = `plimsoll COMMAND

  demo    what happens when 500 users come at once, three ways side by side

plimsoll COMMAND --help says more.
`

const COMMANDS = new Map([['demo', demo]])
const MISUSED = 2

/** The command line, without the program's name. Resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP)
    return 0
  }
  try {
    const command = name === undefined ? undefined : COMMANDS.get(name)
    if (command === undefined) {
      const what = name === undefined ? 'No command was given' : `'${name}' is no command`
      throw new UsageError(`${what}; use one of ${[...COMMANDS.keys()].join(', ')}`)
    }
    return await command(rest)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`plimsoll: ${error.message}\nplimsoll --help says more.\n`)
    return MISUSED
  }
}
