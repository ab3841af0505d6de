import { readFileSync } from 'node:fs'
import { seededRandom } from '../time/random.ts'

/** Texts of many kinds for the tests of this folder. Written here or made from a seed. */

const PROSE = `The line painted on a ship's hull shows how deep she may lie in the water. Before it was required by
law, owners overloaded old ships and insured them for more than they were worth, and crews drowned. Samuel Plimsoll,
a member of parliament, spent years on the question; he was laughed at, sued for libel and thrown out of the House
before the Merchant Shipping Act was passed in 1876. The mark is a circle with a horizontal line through it, and beside
it stand the letters of the society that surveyed the ship. Fresh water carries less than salt water, and summer seas
are calmer than those of winter, so there is more than one line to load to. What matters is that it was decided
beforehand, in daylight, by somebody who did not stand to gain from one more ton of coal.`

const CHINESE = `船舶载重线是画在船体上的标志，表示船在不同水域和季节里最多可以装载多少货物。在法律规定之前，
许多船主让破旧的船只超载出海，并为它们购买高额保险，船员因此丧生。十九世纪的一位英国议员为此奔走多年，最终推动议会通过了
商船法案。今天，每一艘远洋货轮都必须标明载重线，港口的检查人员会在开航之前核对。这个道理并不复杂：应当在装货之前就知道界限在哪里，
而不是等到风暴来临的时候才发现船已经太重。大型语言模型的调用也是如此，请求发出之前就应当知道预算是否足够。`

const JAPANESE = `満載喫水線は、船がどこまで荷物を積んでよいかを示す印です。昔は、船主が古い船に荷物を積みすぎて
保険をかけ、多くの船員が命を落としました。サミュエル・プリムソルという議員が何年もかけて議会を説得し、法律が作られました。
海水は真水よりも浮力が大きく、夏の海は冬の海よりも穏やかなので、線は一本ではありません。大切なのは、出航する前に、
落ち着いて限界を決めておくことです。プログラムからモデルを呼び出すときも、同じ考え方が役に立ちます。`

const KOREAN = `만재흘수선은 배에 짐을 얼마나 실을 수 있는지 보여 주는 표시입니다. 법으로 정해지기 전에는 선주들이 낡은 배에
짐을 너무 많이 싣고 보험에 들었기 때문에 많은 선원들이 목숨을 잃었습니다. 중요한 것은 출항하기 전에 한계를 미리 정해 두는 것입니다.`

const RUSSIAN = `Грузовая марка на борту судна показывает, насколько глубоко оно может сидеть в воде. До принятия закона
владельцы перегружали старые суда и страховали их на большие суммы, а экипажи гибли. Важно, что предел был установлен заранее.`

function json(random: () => number): string {
  const rows = Array.from({ length: 24 }, (_, id) => ({
    id,
    name: ['classify', 'summarise', 'translate', 'extract'][id % 4],
    target: id % 2 === 0 ? 'openai/gpt-5-mini' : 'anthropic/claude-haiku-4-5',
    createdAt: `2026-11-${10 + (id % 20)}T06:${10 + id}:00.000Z`,
    usage: {
      inputTokens: Math.floor(random() * 9_000),
      outputTokens: Math.floor(random() * 800),
      cached: id % 3 === 0,
    },
    cost: Number((random() / 10).toFixed(5)),
    tags: ['production', 'eu-west-1', null],
  }))
  return JSON.stringify(rows, null, 2)
}

const PICTURES = [...'😀😂🚀🎉👍🔥✨🙏💡🐶🍕🌍📈🤖', '👩‍💻', '🇩🇪', '❤️']

function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)]!
}

/** A text of each kind, by its name. */
export function samples(): Readonly<Record<string, string>> {
  const random = seededRandom(11)
  return {
    prose: PROSE,
    code: readFileSync(new URL('./merge.ts', import.meta.url), 'utf8'),
    json: json(random),
    'json, minified': JSON.stringify(JSON.parse(json(random))),
    chinese: CHINESE,
    'chinese without a break': CHINESE.replace(/[^\p{Script=Han}]/gu, ''),
    japanese: JAPANESE,
    korean: KOREAN,
    russian: RUSSIAN,
    emoji: Array.from({ length: 300 }, () => pick(PICTURES, random)).join(''),
    base64: Buffer.from(Array.from({ length: 1_500 }, () => Math.floor(random() * 256))).toString('base64'),
  }
}

const ALPHABETS = [
  [...'abcXYZ019 .,;\n\t\'"/\\{}()[]<|>_-'],
  [...'中文日本語かなカナ한국어。、 a'],
  [...'😀👩‍🇩🇪', '\ud83d', '\udc00', ' ', 'x'],
  [...'éàüñ Привет مرحبا नमस्ते ไทย'],
  ["I'm", "we'LL", "they'Re", ' ', '\r\n', "'", 'the', ' don', 'HTTPServer'],
  [' ', '\n', '\r', '\t', '\u00a0', '\u2003', 'x', '\u0301'],
  ['<|endoftext|>', '<|endofprompt|>', '<|', 'fim', ' '],
]

/** A text of up to 60 parts from one alphabet or another, with any code unit here and there. */
export function randomText(random: () => number): string {
  const alphabet = pick(ALPHABETS, random)
  return Array.from({ length: Math.floor(random() * 60) }, () =>
    random() < 0.05 ? String.fromCharCode(Math.floor(random() * 65_536)) : pick(alphabet, random),
  ).join('')
}
